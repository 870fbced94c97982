/** How long what goes on has gone on, by the server's own times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AguiEvent } from '../../../src/transport/protocol.ts';
import { activityOf, duration, quietMs } from '../../../src/ui/chat/activity.ts';
import { answerOf, promptOfTurn } from '../../../src/ui/chat/answer.ts';
import { fold } from '../../../src/ui/chat/fold.ts';
import { ChatStore } from '../../../src/ui/chat/store.ts';
import { liveRun, type Thread } from '../../../src/ui/chat/thread.ts';
import { welcomeFrame } from '../../support/welcome.ts';

const BEGAN = 1_764_000_000_000;

/** At so many seconds after the run began; null: the event carries no time, as in old journals. */
type Timed = [seconds: number | null, event: AguiEvent];

function folded(...events: Timed[]): Thread {
  const thread: Thread = { runs: [] };
  for (const [seconds, event] of events) {
    const timestamp = seconds === null ? {} : { timestamp: BEGAN + seconds * 1_000 };
    fold(thread, { ...event, ...timestamp }, BEGAN + 999_000);
  }
  return thread;
}

const sinceIn = (...events: Timed[]) => {
  const since = activityOf(folded(...events).runs)?.since;
  return since === null || since === undefined ? null : (since - BEGAN) / 1_000;
};

const prompt = { id: 'u1', role: 'user' as const, content: 'Go' };
const started = (runId = 'r1', parentRunId?: string): AguiEvent => ({
  type: 'RUN_STARTED',
  threadId: 't',
  runId,
  ...(parentRunId !== undefined && { parentRunId }),
  input: {
    ...{ threadId: 't', runId, tools: [], context: [] },
    messages: parentRunId === undefined ? [prompt] : [],
  },
});
const thinks: AguiEvent = { type: 'REASONING_MESSAGE_START', messageId: 'm1', role: 'reasoning' };
const thought: AguiEvent = { type: 'REASONING_MESSAGE_END', messageId: 'm1' };
const writes: AguiEvent = { type: 'TEXT_MESSAGE_START', messageId: 'm2', role: 'assistant' };
const wrote: AguiEvent = { type: 'TEXT_MESSAGE_END', messageId: 'm2' };
const calls: AguiEvent = { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'Bash' };
const called: AguiEvent = { type: 'TOOL_CALL_END', toolCallId: 'c1' };
const result: AguiEvent = {
  ...{ type: 'TOOL_CALL_RESULT', messageId: 'r:c1', toolCallId: 'c1', content: 'ok' },
};
const asks: AguiEvent = {
  type: 'RUN_FINISHED',
  ...{ threadId: 't', runId: 'r1' },
  outcome: {
    type: 'interrupt',
    interrupts: [{ id: 'i1', reason: 'approval_required', toolCallId: 'c1' }],
  },
};
const custom = (name: string, value: object): AguiEvent => ({ type: 'CUSTOM', name, value });

test('each thing that goes on counts from when the server says it began', () => {
  const begun: Timed = [0, started()];
  assert.equal(sinceIn(begun), 0);
  assert.equal(sinceIn(begun, [3, thinks]), 3);
  assert.equal(sinceIn(begun, [3, thinks], [9, thought]), 9, 'then Claude is waited for');
  assert.equal(sinceIn(begun, [9, writes]), 9);
  assert.equal(sinceIn(begun, [9, writes], [11, wrote], [12, calls]), 12);
  assert.equal(
    sinceIn(begun, [12, calls], [14, called]),
    14,
    'a tool runs once its input is whole',
  );
  assert.equal(sinceIn(begun, [12, calls], [14, called], [60, result]), 60);
  assert.equal(sinceIn(begun, [7, custom('claude.status', { status: 'compacting' })]), 7);
});

test('an approval counts from when it was asked for, and its tool from the answer', () => {
  const asked: Timed[] = [
    [0, started()],
    [1, calls],
    [2, called],
    [3, asks],
  ];
  const waits = activityOf(folded(...asked).runs);
  assert.equal(waits?.kind, 'asking');
  assert.equal(waits?.label, 'Waiting for approval');
  assert.equal(waits?.detail, 'Bash');
  assert.equal(sinceIn(...asked), 3);
  assert.equal(sinceIn(...asked, [50, started('r2', 'r1')]), 50);
});

test('a journal without times says what goes on, and not for how long', () => {
  const steps = [started(), thinks, thought, writes, wrote, calls, called];
  for (let count = 1; count <= steps.length; count++) {
    const thread = folded(...steps.slice(0, count).map((event): Timed => [null, event]));
    const activity = activityOf(thread.runs);
    assert.ok(activity !== null && activity.since === null);
    assert.equal(quietMs(activity, null, BEGAN + 999_000), null);
  }
});

test('whatever was timed and in whatever order, nothing counts from before its run or from after the last event', () => {
  const step = fc.record({
    event: fc.constantFrom(thinks, thought, writes, wrote, calls, called, result),
    pause: fc.integer({ min: 0, max: 100 }),
    isTimed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let at = 0;
      const events = steps.map(({ event, pause, isTimed }): Timed => {
        at += pause;
        return [isTimed ? at : null, event];
      });
      const since = sinceIn([0, started()], ...events);
      assert.ok(since === null || (since >= 0 && since <= at));
    }),
    { seed: 20_266 },
  );
});

test('a thought tells how long it took once it is over, where both ends are told', () => {
  const took = (...events: Timed[]) => {
    const item = folded([0, started()], ...events).runs[0]?.items.at(-1);
    assert.ok(item?.kind === 'thinking');
    return item.durationMs;
  };
  assert.equal(took([3, thinks]), undefined);
  assert.equal(took([3, thinks], [15, thought]), 12_000);
  assert.equal(took([15, thinks], [14, thought]), 0, 'a clock that was set back');
  assert.equal(took([null, thinks], [15, thought]), undefined);
  assert.equal(took([3, thinks], [null, thought]), undefined);
});

test('silence is news where the API is at it, and nowhere else', () => {
  const quiet = (heard: number | null, now: number, ...events: Timed[]) => {
    const activity = activityOf(folded([0, started()], ...events).runs);
    assert.ok(activity);
    return quietMs(activity, heard === null ? null : BEGAN + heard * 1_000, BEGAN + now * 1_000);
  };
  assert.equal(quiet(20, 30, [1, thinks]), null, 'ten seconds are nothing');
  assert.equal(quiet(20, 60, [1, thinks]), 40_000);
  assert.equal(quiet(null, 60, [1, thinks]), 59_000);
  assert.equal(quiet(20, 600, [1, calls], [2, called]), null, 'a tool may take its time');
  assert.equal(quiet(20, 600, [1, custom('claude.status', { status: 'compacting' })]), null);
});

test('what was written is what the API told, and goes on over an approval', () => {
  const run = (...events: Timed[]) => folded([0, started()], ...events).runs.at(-1);
  const told = (outputTokens: unknown) => custom('claude.usage', { outputTokens });
  assert.equal(run()?.outputTokens, null);
  assert.equal(run([1, told(120)], [2, told(340)])?.outputTokens, 340);
  assert.equal(run([1, told(120)], [2, told('many')])?.outputTokens, 120);
  const goesOn: Timed[] = [
    [1, told(120)],
    [2, calls],
    [3, asks],
    [4, started('r2', 'r1')],
  ];
  assert.equal(run(...goesOn)?.outputTokens, 120);
});

/** A store that shows at once, on a page whose clock is `behindMs` behind the server's. */
function openStore(behindMs: number) {
  let now = BEGAN - behindMs;
  const store = new ChatStore(
    't',
    (flush) => flush(),
    () => now,
  );
  store.receive({ ...welcomeFrame({ threadId: 't', now: BEGAN }) });
  return { store, pass: (ms: number) => (now += ms) };
}

test('the page’s own clock may be wrong by hours', () => {
  for (const behindMs of [0, 7_200_000, -7_200_000]) {
    const { store, pass } = openStore(behindMs);
    assert.equal(store.view().clockAheadMs, behindMs);
    store.receive({ type: 'caughtUp', head: null, heardAt: BEGAN - 5_000 });
    assert.equal(store.view().heardAt, BEGAN - 5_000);
    pass(2_000);
    store.receive({ id: 'k1', chunk: started() });
    assert.equal(store.view().heardAt, BEGAN + 2_000);
  }
});

test('what is replayed was not heard just now', () => {
  const { store, pass } = openStore(0);
  pass(3_000);
  store.receive({ id: 'k1', chunk: started() });
  assert.equal(store.view().heardAt, null);
  store.receive({ type: 'caughtUp', head: 'k1', heardAt: BEGAN - 40_000 });
  assert.equal(store.view().heardAt, BEGAN - 40_000);
  store.receive({ ...welcomeFrame({ threadId: 't', now: BEGAN + 3_000 }) });
  store.receive({ id: 'k2', chunk: thinks });
  assert.equal(store.view().heardAt, BEGAN - 40_000);
  assert.equal(liveRun(store.view().runs)?.items.length, 2);
});

test('an answer is Claude’s own words, and the prompt of its turn is found over an approval', () => {
  const say = (messageId: string, delta: string, subagentRunId?: string): AguiEvent[] => {
    const of = { messageId, ...(subagentRunId !== undefined && { subagentRunId }) };
    return [
      { type: 'TEXT_MESSAGE_START', role: 'assistant', ...of },
      { type: 'TEXT_MESSAGE_CONTENT', delta, ...of },
      { type: 'TEXT_MESSAGE_END', ...of },
    ];
  };
  const events = [
    ...[started(), calls, called, asks, started('r2', 'r1'), thinks, thought],
    ...say('a1', 'First.\n'),
    ...say('a2', 'Of a lane.', 'c1'),
    ...say('a3', '**Then.**'),
  ];
  const { runs } = folded(...events.map((event): Timed => [null, event]));
  const [asked, last] = runs;
  assert.ok(asked && last);
  assert.deepEqual(answerOf(last), { text: 'First.\n\n**Then.**', messageId: 'a3' });
  assert.deepEqual(answerOf(asked), { text: '', messageId: null });
  assert.equal(promptOfTurn(runs, last)?.runId, 'r1');
  assert.equal(promptOfTurn([], { ...last, parentId: null }), null, 'Claude began it by itself');
});

test('hours are said as hours', () => {
  assert.equal(duration(3_725_000), '1 h 02 min');
});
