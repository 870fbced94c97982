import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actor, createActor, fromCallback, SimulatedClock } from 'xstate';
import type { ClaudeInput } from '../../../src/claude/facts.ts';
import type { claudeProcess } from '../../../src/claude/process.ts';
import {
  CONVERSATION_TIMES,
  type ConversationEvent,
  type ConversationPorts,
} from '../../../src/machines/conversation.events.ts';
import { conversationMachine } from '../../../src/machines/conversation.machine.ts';
import { type Capsule, capsuleOf, replay } from '../../../src/machines/inspection/capsule.ts';
import { taped } from '../../../src/machines/inspection/recordable.ts';
import { Tape } from '../../../src/machines/inspection/tape.ts';
import type { SessionEvent } from '../../../src/machines/session.events.ts';
import { sessionMachine } from '../../../src/machines/session.machine.ts';
import { SignInEnds } from '../../../src/machines/sign-in-ends.ts';
import { NO_TOKENS } from '../../../src/tokens.ts';

const HEAD = { version: '0', actor: 'a-1', at: 1, why: 'operator' };
const CANARY = 'CANARY words that nobody may see';

const inert = fromCallback(() => {}) as unknown as typeof claudeProcess;
const recordedConversation = conversationMachine.provide({ actors: { claude: inert } });

/** Answers as chance has it; what waits for a turn is now and then given it at once, in the middle of a step. */
function conversation(chance: () => boolean, given: Partial<ConversationPorts> = {}) {
  const clock = new SimulatedClock();
  let held = false;
  let ids = 0;
  const nothing = () => {};
  const ports: ConversationPorts = {
    claude: {} as ClaudeInput,
    slot: {
      want: () => {
        held = chance();
        if (held) actor.send({ type: 'slot.granted' });
      },
      take: () => {
        held = true;
      },
      release: () => {
        held = false;
      },
      get isHeld() {
        return held;
      },
    },
    startRun: nothing,
    endRun: nothing,
    withdrawPrompt: nothing,
    denyWith: nothing,
    listen: nothing,
    pendingChanged: nothing,
    newRunId: () => {
      ids += 1;
      return `own-${ids}`;
    },
    now: () => clock.now() + ids,
    spend: nothing,
    roomIsWanted: chance,
    ...given,
  };
  const actor = createActor(recordedConversation, {
    clock,
    input: { ports: taped(ports, () => tape), processIdleMs: 5_000, ...CONVERSATION_TIMES },
  });
  actor.subscribe({ error: nothing });
  const tape: Tape = new Tape(actor, () => clock.now());
  actor.start();
  return { actor, tape, clock };
}

const usage = { ...NO_TOKENS, costUsd: 0.5, durationMs: 3, turns: 1 };
const runId = fc.constantFrom('r1', 'r2', 'r3', 'own-1');
const requestId = fc.constantFrom('q1', 'q2');
const fault = fc.constantFrom(null, 'claude.crashed' as const, 'claude.api' as const);
const conversationEvent: fc.Arbitrary<ConversationEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('user.prompt', 'user.abort', 'user.hurry'), runId }),
  fc.record({
    type: fc.constant('user.answer'),
    runId,
    requestIds: fc.array(requestId, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constantFrom(
      'user.warm',
      'user.chose',
      'slot.granted',
      'claude.ready',
      'claude.turnStarted',
      'claude.stalled',
      'claude.quiet',
      'claude.spoke',
      'process.evict',
      'process.reclaim',
    ),
  }),
  fc.record({ type: fc.constantFrom('claude.blocked', 'claude.unblocked'), requestId }),
  fc.record({ type: fc.constant('claude.spawned'), pid: fc.nat() }),
  fc.record({ type: fc.constant('budget.spent'), runId }),
  fc.record({
    type: fc.constant('claude.progress'),
    deltas: fc.nat(),
    tokens: fc.constant(NO_TOKENS),
  }),
  fc.record({
    type: fc.constant('claude.turnEnded'),
    how: fc.constantFrom('done', 'cancelled', 'failed'),
    fault,
    usage: fc.constant(usage),
    deltas: fc.nat(),
    isDelegating: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('claude.exited'),
    fault,
    code: fc.constantFrom(null, 1),
    signal: fc.constantFrom(null, 'SIGKILL'),
  }),
) as fc.Arbitrary<ConversationEvent>;

const roundTrip = (capsule: Capsule): Capsule => JSON.parse(JSON.stringify(capsule));

function assertReplays(capsule: Capsule): void {
  const { identical, sameMachine, steps } = replay(capsule);
  assert.deepEqual(steps.at(-1)?.snapshot, capsule.ends);
  assert.ok(identical && sameMachine);
}

test('[R59] whatever a conversation took, a capsule of it ends the same, as a fold and alive', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 9, arbitrary: conversationEvent }, fc.nat(70_000)), {
        maxLength: 60,
      }),
      fc.array(fc.boolean(), { minLength: 1 }),
      (happenings, luck) => {
        let turn = 0;
        const { actor, tape, clock } = conversation(() => luck[turn++ % luck.length] === true);
        for (const happening of happenings) {
          if (typeof happening === 'number') clock.increment(happening);
          else actor.send(happening);
          if (actor.getSnapshot().status !== 'active') break;
        }
        assertReplays(roundTrip(capsuleOf({ ...HEAD, kind: 'conversation' }, tape.recorded)));
        actor.stop();
      },
    ),
    { numRuns: 400 },
  );
});

test('[R59] a long recording lets its beginning go, and ends the same', () => {
  const { actor, tape, clock } = conversation(() => true);
  for (let turn = 0; turn < 400; turn += 1) {
    actor.send({ type: 'user.prompt', runId: `r${turn}` });
    if (turn === 0) actor.send({ type: 'claude.spawned', pid: 1 });
    actor.send({ type: 'claude.ready' });
    for (let deltas = 1; deltas < 9; deltas += 1)
      actor.send({ type: 'claude.progress', deltas, tokens: NO_TOKENS });
    actor.send({
      type: 'claude.turnEnded',
      how: 'done',
      fault: null,
      usage,
      deltas: 9,
      isDelegating: false,
    });
    clock.increment(10);
  }
  const capsule = roundTrip(capsuleOf({ ...HEAD, kind: 'conversation' }, tape.recorded));
  assert.ok(capsule.entries.length <= 500, `${capsule.entries.length} entries`);
  assert.ok(capsule.entries.length >= 250);
  assertReplays(capsule);
});

test('[R59] a run with an approval, an abort and a crash replays 100 times to the same snapshots', () => {
  const { actor, tape, clock } = conversation(() => true);
  const turnEnded = { type: 'claude.turnEnded', fault: null, usage, deltas: 4 } as const;
  const story: readonly (ConversationEvent | number)[] = [
    { type: 'user.prompt', runId: 'asks' },
    { type: 'claude.spawned', pid: 7 },
    { type: 'claude.ready' },
    { type: 'claude.blocked', requestId: 'q1' },
    { type: 'user.answer', runId: 'answers', requestIds: ['q1'] },
    { ...turnEnded, how: 'done', isDelegating: false },
    400,
    { type: 'user.prompt', runId: 'aborted' },
    { type: 'user.abort', runId: 'aborted' },
    { ...turnEnded, how: 'cancelled', isDelegating: false },
    { type: 'user.prompt', runId: 'crashes' },
    { type: 'claude.exited', fault: 'claude.crashed', code: null, signal: 'SIGSEGV' },
  ];
  for (const happening of story)
    if (typeof happening === 'number') clock.increment(happening);
    else actor.send(happening);
  const capsule = capsuleOf({ ...HEAD, kind: 'conversation' }, tape.recorded);
  const path = replay(capsule).steps.map(({ snapshot }) => snapshot);
  assert.equal(new Set(path.map(({ value }) => JSON.stringify(value))).size > 4, true);
  for (let round = 0; round < 100; round += 1) {
    assertReplays(roundTrip(capsule));
    assert.deepEqual(
      replay(roundTrip(capsule)).steps.map(({ snapshot }) => snapshot),
      path,
    );
  }
});

test('[R59] a capsule of another machine says so, and one that was changed ends otherwise', () => {
  const { actor, tape } = conversation(() => true);
  actor.send({ type: 'user.prompt', runId: 'r1' });
  const capsule = capsuleOf({ ...HEAD, kind: 'conversation' }, tape.recorded);
  assert.equal(replay({ ...capsule, machine: 'another' }).sameMachine, false);
  assert.equal(replay({ ...capsule, entries: [] }).identical, false);
});

test('[OP6] a capsule of an actor that failed ends before what it failed on, and names it', () => {
  const { actor, tape } = conversation(() => true, {
    endRun: () => {
      throw new Error(CANARY);
    },
  });
  let failed: Capsule | null = null;
  actor.subscribe({
    error: () => {
      failed = capsuleOf({ ...HEAD, kind: 'conversation' }, tape.recorded);
    },
  });
  actor.send({ type: 'user.prompt', runId: 'r1' });
  actor.send({ type: 'claude.spawned', pid: 1 });
  actor.send({ type: 'claude.ready' });
  actor.send({ type: 'claude.exited', fault: 'claude.crashed', code: 1, signal: null });
  assert.ok(failed);
  const { failedOn, ends }: Capsule = failed;
  assert.equal(failedOn?.event.type, 'claude.exited');
  assert.deepEqual([ends.status, ends.value], ['error', { alive: 'running' }]);
  assert.equal(replay(roundTrip(failed)).identical, true);
  assert.doesNotMatch(JSON.stringify(failed), /CANARY/);
});

function session() {
  const clock = new SimulatedClock();
  const nothing = () => {};
  const ports = { askLimits: nothing, submit: nothing, refuse: nothing, tellParked: nothing };
  const actor: Actor<typeof sessionMachine> = createActor(sessionMachine, {
    clock,
    input: { ports, now: () => clock.now() },
  });
  const ends = new SignInEnds({ sessions: () => [{ actor }], now: () => clock.now(), clock });
  const tape = new Tape(actor, () => clock.now());
  actor.start();
  return { actor, tape, clock, ends };
}

const IDENTITY = { user: CANARY, operator: true, signInId: CANARY, expiresAt: 300_000 };
const refusal = { limit: 'hour', max: 3, remaining: 0, retryAfterMs: 5, resetAt: 9 } as const;
const sessionEvent = fc.oneof(
  fc.record({ type: fc.constant('client.prompt'), runId, isElsewhere: fc.boolean() }),
  fc.record({
    type: fc.constantFrom('limits.refused', 'prompt.parked'),
    runId,
    refusal: fc.constant(refusal),
  }),
  fc.record({
    type: fc.constantFrom(
      'limits.granted',
      'limits.parked',
      'limits.failed',
      'run.started',
      'run.ended',
      'prompt.unparked',
    ),
    runId,
  }),
  fc.record({
    type: fc.constant('watch.changed'),
    runId: fc.option(runId),
    parked: fc.option(fc.record({ runId, refusal: fc.constantFrom(null, refusal) })),
  }),
  fc.record({ type: fc.constant('signIn.extended'), expiresAt: fc.nat(400_000) }),
  fc.record({ type: fc.constantFrom('server.draining') }),
) as fc.Arbitrary<SessionEvent>;

test('[R59] whatever a session took, a capsule of it ends the same, and holds no word of a person', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 9, arbitrary: sessionEvent }, fc.nat(90_000)), { maxLength: 40 }),
      fc.boolean(),
      async (happenings, isLetIn) => {
        const { actor, tape, clock, ends } = session();
        if (isLetIn) actor.send({ type: 'signIn.verified', identity: IDENTITY });
        else actor.send({ type: 'signIn.refused', fault: 'auth.required' });
        ends.expect(IDENTITY.expiresAt);
        for (const happening of happenings) {
          if (typeof happening === 'number') clock.increment(happening);
          else actor.send(happening);
          if (actor.getSnapshot().status !== 'active') break;
        }
        const capsule = capsuleOf({ ...HEAD, kind: 'session' }, tape.recorded);
        assert.doesNotMatch(JSON.stringify(capsule), /CANARY/);
        assertReplays(roundTrip(capsule));
        actor.stop();
      },
    ),
    { numRuns: 300 },
  );
});
