/** Prompts that several sockets bring, in every order of what they wait for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createActor } from 'xstate';
import type { FaultCode } from '../../src/faults.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import type { Accepted, ConversationKey, RunCommand } from '../../src/store/store.ts';
import { NO_TRACES } from '../../src/telemetry/traces.ts';
import { Drafts } from '../../src/transport/drafts.ts';
import type { Peer } from '../../src/transport/peer.ts';
import { PromptDesk, type PromptDeskParts } from '../../src/transport/prompt-desk.ts';
import type { RunInput } from '../../src/transport/protocol.ts';

const IDENTITY = { user: 'alice', operator: false, signInId: 's', expiresAt: 4e12 };

type Later = <T>(what: string, work: () => T) => Promise<T>;

/** One store and one conversation, whose answers come when the scheduler has it so. */
function place(later: Later, max: number) {
  const kept = new Map<string, RunCommand>();
  const charged = new Set<string>();
  const handedOn: string[] = [];
  /** The queue is full once, when this one comes. */
  let refused: string | null = 'c';
  const take = (runId: string) => {
    if (!charged.has(runId) && charged.size >= max)
      return { ok: false, limit: 'hour', max, remaining: 0, retryAfterMs: null, resetAt: null };
    charged.add(runId);
    return { ok: true };
  };
  const accept = (key: ConversationKey, command: RunCommand): Accepted => {
    const known = kept.get(command.runId);
    if (known) return known.digest === command.digest ? 'duplicate' : 'conflict';
    kept.set(command.runId, { ...command, key } as RunCommand);
    return 'accepted';
  };
  const withdraw = (runId: string) => {
    if (!kept.delete(runId)) return;
    charged.delete(runId);
    if (handedOn.includes(runId)) handedOn.splice(handedOn.indexOf(runId), 1);
  };
  const giveBack = (runId: string) => void (kept.has(runId) || charged.delete(runId));
  const parts = {
    signIns: { extend: () => later('extend', () => 4e12) },
    store: {
      run: (_: string, runId: string) => later('run', () => kept.get(runId) ?? null),
      take: ({ runId }: { runId: string }) => later('take', () => take(runId)),
      giveBack: (_: string, runId: string) => later('giveBack', () => giveBack(runId)),
      withdraw: (_: string, runId: string) => later('withdraw', () => withdraw(runId)),
      accept: (...asked: [ConversationKey, RunCommand]) => later('accept', () => accept(...asked)),
    },
    conversations: {
      isDraining: false,
      open: () => later('open', () => {}),
      prompt: (_: string, { runId }: RunCommand) =>
        later('prompt', () => {
          if (kept.has(runId) && runId === refused) {
            refused = null;
            return 'queue.full';
          }
          if (kept.has(runId) && !handedOn.includes(runId)) handedOn.push(runId);
          return null;
        }),
      abort: (_: string, runId: string) => later('abort', () => withdraw(runId)),
    },
    parking: { in: () => undefined, park: async () => false, takeBack: async () => false },
    demand: (_: string, { runId }: RunCommand) => ({ runId }),
    now: () => 0,
    throttled: () => {},
    maxPromptBytes: 1_000,
    images: null,
  };
  return { parts: parts as unknown as PromptDeskParts, kept, charged, handedOn };
}

/** A socket that said `hello`, and what it was answered by run. */
function connect(parts: PromptDeskParts, drafts: Drafts) {
  const trace = NO_TRACES.session({ id: '', route: '', isWebSocket: true, traceparent: undefined });
  const desk = new PromptDesk(parts, drafts, trace);
  const input = { ports: desk, now: () => 0 };
  const session = createActor(sessionMachine, { input }).start();
  session.send({ type: 'signIn.verified', identity: IDENTITY });
  const answers = new Map<string, (FaultCode | null)[]>();
  const answer = (runId: string, fault: FaultCode | null) =>
    answers.set(runId, [...(answers.get(runId) ?? []), fault]);
  const peer = {
    ...{ session, identity: IDENTITY, greeted: true, reply: answer, refuse: answer },
    outbox: { tell: () => {} },
    viewer: { follow: async () => {}, watches: () => true },
    fail: (fault: FaultCode) => assert.fail(fault),
  } as unknown as Peer;
  desk.peer = peer;
  let last = Promise.resolve();
  return {
    answers,
    sent: [] as string[],
    isOpen: () => session.getSnapshot().status === 'active',
    prompt(runId: string) {
      this.sent.push(runId);
      const content = [{ id: 'm', role: 'user', content: runId }];
      const asked = { threadId: 't', runId, messages: content } as unknown as RunInput;
      last = last.then(() => desk.take(asked, peer));
      return last;
    },
    abort(runId: string) {
      last = last.then(() => desk.abort(runId, peer));
      return last;
    },
    close() {
      desk.close();
      session.send({ type: 'socket.closed' });
    },
  };
}

interface Act {
  readonly socket: number;
  /** A prompt by its run, or its abort, `-a`. */
  readonly act: string;
}

const acts = fc.array(
  fc.record({
    socket: fc.nat(2),
    act: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c') },
      fc.constant('close'),
      fc.constantFrom('-a', '-b', '-c'),
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

const abortedIn = (asked: readonly Act[]) =>
  new Set(asked.flatMap(({ act }) => (act.startsWith('-') ? [act.slice(1)] : [])));

/** Aborted by the one socket that sent it, behind all that it sent of it. */
function mustStay(runId: string, asked: readonly Act[]): boolean {
  if (asked.some(({ act }) => act === 'close')) return false;
  const sent = asked.findLastIndex(({ act }) => act === runId);
  const by = asked[sent]?.socket;
  const isAlone = asked.every(({ socket, act }) => act !== runId || socket === by);
  const abort = asked.findLastIndex(({ socket, act }) => act === `-${runId}` && socket === by);
  return sent >= 0 && isAlone && abort > sent;
}

test('[RU2] each prompt is one run or none, costs what it is, and is answered on every socket that brought it', async () => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    acts,
    fc.constantFrom(1, 9),
    async (scheduler, asked, max) => {
      const later: Later = (what, work) => scheduler.schedule(Promise.resolve(), what).then(work);
      const { parts, kept, charged, handedOn } = place(later, max);
      const drafts = new Drafts();
      const sockets = [0, 1, 2].map(() => connect(parts, drafts));
      scheduler.scheduleSequence(
        asked.map(({ socket, act }) => ({
          label: act,
          builder: async () => {
            const at = sockets[socket];
            if (!at?.isOpen()) return;
            if (act === 'close') at.close();
            else if (act.startsWith('-')) at.abort(act.slice(1)).catch(assert.fail);
            else at.prompt(act).catch(assert.fail);
          },
        })),
      );
      await scheduler.waitIdle();
      assert.deepEqual([...charged].sort(), [...kept.keys()].sort(), 'what is charged is kept');
      assert.deepEqual([...handedOn].sort(), [...kept.keys()].sort(), 'what is kept is handed on');
      const aborted = abortedIn(asked);
      for (const runId of aborted) if (mustStay(runId, asked)) assert.ok(!kept.has(runId), runId);
      const isPlain = asked.every(({ socket, act }) => socket === 0 && 'ab'.includes(act));
      if (isPlain && max > 1) assert.deepEqual(handedOn, [...new Set(asked.map(({ act }) => act))]);
      for (const { sent, answers, isOpen } of sockets) {
        if (!isOpen()) continue;
        for (const runId of new Set(sent)) {
          const faults = answers.get(runId) ?? [];
          assert.ok(faults.length > 0, `${runId} has no answer`);
          if (faults.includes(null) && !aborted.has(runId))
            assert.ok(kept.has(runId), `${runId} was said to be kept`);
        }
      }
      for (const runId of ['a', 'b', 'c']) assert.equal(drafts.get('alice', runId), undefined);
    },
  );
  await fc.assert(property, { seed: 20_269, numRuns: 500 });
});
