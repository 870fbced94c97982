import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diagnostics, type Facts, factsOf } from '../../../src/ui/trust/diagnostics.ts';
import { stateName } from '../../../src/ui/trust/flight-log.ts';

const AT = Date.UTC(2026, 10, 26, 12);
const FACTS: Facts = {
  at: AT,
  browser:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  isOnline: true,
  hasStorage: true,
  connection: {
    state: 'waiting',
    tries: 3,
    waiting: 1,
    history: [{ at: AT - 1_000, state: 'attached.live.sure' }],
  },
  server: {
    version: '0.1.0',
    protocol: 1,
    agent: 'claude',
    agentVersion: '2.1.330',
    sandbox: 'bwrap',
  },
  conversation: { id: 'thread-1', state: 'idle', runs: 4, pending: 0 },
  faults: [{ runId: 'r-9', code: 'claude.crashed' }],
};

test('diagnostics say what a helper asks first: versions, the line and its last states, codes and runs', () => {
  assert.equal(
    diagnostics(FACTS),
    `Greenroom diagnostics, 2026-11-26T12:00:00.000Z
Server: 0.1.0, protocol 1, claude 2.1.330, sandbox bwrap
Browser: Chrome/141.0.0.0 Safari/537.36 on Linux; online, storage works
Connection: waiting, 3 tries, 1 unanswered
  2026-11-26T11:59:59.000Z attached.live.sure
Conversation: thread-1, idle, 4 runs shown, 0 waiting
  run r-9: claude.crashed`,
  );
});

test('before any server has answered there is something to say too', () => {
  const text = diagnostics({ ...FACTS, server: null, faults: [], isOnline: false });
  assert.match(text, /Server: has not greeted this page/);
  assert.match(text, /offline/);
});

test('[R59] whatever a text holds, no word of a person’s comes through', () => {
  const secret = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .map((noise) => `mail me@home.example /home/me ${noise}`);
  fc.assert(
    fc.property(secret, (words) => {
      const text = diagnostics({
        ...FACTS,
        browser: words,
        connection: { ...FACTS.connection, state: words, history: [{ at: AT, state: words }] },
        server: { version: words, protocol: 1, agent: words, agentVersion: words, sandbox: words },
        conversation: { id: words, state: words, runs: 1, pending: 1 },
        faults: [{ runId: words, code: words }],
      });
      assert.doesNotMatch(text, /me@|home|mail/);
    }),
  );
});

test('the state of a machine has one name, with those inside it', () => {
  assert.equal(stateName('waiting'), 'waiting');
  assert.equal(stateName({ attached: { live: 'probing' } }), 'attached.live.probing');
});

test('[R37] whether storage works is asked of the browser, not of who is signed in', () => {
  const client = {
    connection: { getSnapshot: () => ({ value: 'waiting', context: { tries: 0, outbox: [] } }) },
    store: {
      view: () => ({ welcome: null, threadId: null, session: 'idle', runs: [], pending: [] }),
    },
    flights: { entries: [] },
    unsent: {},
  } as unknown as Parameters<typeof factsOf>[0];
  const has = (localStorage: unknown) => {
    Object.defineProperty(globalThis, 'localStorage', { value: localStorage, configurable: true });
    return factsOf(client).hasStorage;
  };
  const full = () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  assert.equal(has(null), false);
  assert.equal(has({ setItem: full, removeItem: () => {} }), false);
  assert.equal(has({ setItem: () => {}, removeItem: () => {} }), true);
});
