import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActor } from 'xstate';
import { FaultError } from '../../src/faults.ts';
import type { Identity, SessionPorts } from '../../src/machines/session.events.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { SignInEnds } from '../../src/machines/sign-in-ends.ts';
import type { SignIns } from '../../src/transport/auth/sign-ins.ts';
import { decide } from '../../src/transport/decide.ts';
import type { Session } from '../../src/transport/session.ts';

const IDENTITY: Identity = { user: 'ada', operator: false, signInId: 's', expiresAt: 4e12 };

/** A session whose sign-in is looked at. @param known Remembered; null: the store is asked, and answers with `found`. */
function looked(known: Identity | null, found: Promise<Identity>) {
  const input = { ports: {} as SessionPorts, now: () => 0 };
  const actor = createActor(sessionMachine, { input }).start();
  const signIns = { known: () => known, verifyId: () => found } as unknown as SignIns;
  const ends = new SignInEnds({ sessions: () => [], now: () => 0 });
  const decided: (string | null)[] = [];
  decide({ actor, signInId: 's' } as unknown as Session, signIns, ends, (context) =>
    decided.push(context.identity?.user ?? context.fault),
  );
  ends.stop();
  return { actor, decided };
}

test('a sign-in that is remembered lets in at once', () => {
  const { actor, decided } = looked(IDENTITY, Promise.withResolvers<Identity>().promise);
  assert.equal(actor.getSnapshot().value, 'idle');
  assert.deepEqual(decided, ['ada']);
});

test('what the store answers decides: let in, refused, or a store that cannot be reached', async () => {
  const answers: [Promise<Identity>, string][] = [
    [Promise.resolve(IDENTITY), 'ada'],
    [Promise.reject(new FaultError('auth.required')), 'auth.required'],
    [Promise.reject(new Error('disk')), 'store.unavailable'],
  ];
  for (const [found, told] of answers) {
    const { decided } = looked(null, found);
    assert.deepEqual(decided, []);
    await found.catch(() => {});
    await Promise.resolve();
    assert.deepEqual(decided, [told]);
  }
});

test('an answer that comes after the socket has gone is nothing any more', async () => {
  const found = Promise.withResolvers<Identity>();
  const { actor, decided } = looked(null, found.promise);
  actor.send({ type: 'socket.closed' });
  found.resolve(IDENTITY);
  await found.promise;
  await Promise.resolve();
  assert.equal(actor.getSnapshot().value, 'closed');
  assert.equal(decided.length, 1);
});
