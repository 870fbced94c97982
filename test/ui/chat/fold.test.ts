import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AguiEvent, Interrupt, Message } from '../../../src/transport/protocol.ts';
import { fold } from '../../../src/ui/chat/fold.ts';
import { runsOf } from '../../../src/ui/chat/history.ts';
import { ChatStore } from '../../../src/ui/chat/store.ts';
import type { Run, Thread, ToolItem } from '../../../src/ui/chat/thread.ts';

const user = (id: string, content: string): Message => ({ id, role: 'user', content });

function started(runId: string, messages: Message[] = [], parentRunId?: string): AguiEvent {
  const ids = { threadId: 't', runId, ...(parentRunId && { parentRunId }) };
  return { type: 'RUN_STARTED', ...ids, input: { ...ids, messages, tools: [], context: [] } };
}
const finished = (runId: string): AguiEvent => ({ type: 'RUN_FINISHED', threadId: 't', runId });
const cancelled = (runId: string): AguiEvent => ({
  type: 'RUN_FINISHED',
  threadId: 't',
  runId,
  outcome: { type: 'cancelled' },
});
const ask = (id: string, toolCallId: string): Interrupt => ({
  id,
  reason: 'approval_required',
  toolCallId,
  metadata: { kind: 'approval', toolName: 'Bash', input: { command: 'ls' } },
});
const interrupted = (runId: string, ...interrupts: Interrupt[]): AguiEvent => ({
  type: 'RUN_FINISHED',
  threadId: 't',
  runId,
  outcome: { type: 'interrupt', interrupts },
});
const words = (messageId: string, ...deltas: string[]): AguiEvent[] => [
  { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
  ...deltas.map((delta): AguiEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta })),
  { type: 'TEXT_MESSAGE_END', messageId },
];
const thoughts = (messageId: string, ...deltas: string[]): AguiEvent[] => [
  { type: 'REASONING_START', messageId },
  { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' },
  ...deltas.map((delta): AguiEvent => ({ type: 'REASONING_MESSAGE_CONTENT', messageId, delta })),
  { type: 'REASONING_MESSAGE_END', messageId },
  { type: 'REASONING_END', messageId },
];
const call = (toolCallId: string, ...args: string[]): AguiEvent[] => [
  { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'Bash', parentMessageId: `m-${toolCallId}` },
  ...args.map((delta): AguiEvent => ({ type: 'TOOL_CALL_ARGS', toolCallId, delta })),
  { type: 'TOOL_CALL_END', toolCallId },
];
const result = (toolCallId: string, content: string): AguiEvent => ({
  type: 'TOOL_CALL_RESULT',
  messageId: `r:${toolCallId}`,
  toolCallId,
  content,
});

function folded(...events: AguiEvent[]): readonly Run[] {
  const thread: Thread = { runs: [] };
  for (const event of events) fold(thread, event, 1_000);
  return thread.runs;
}
const tool = (runs: readonly Run[], id: string) =>
  runs.flatMap(({ items }) => items).find((item) => item.id === id) as ToolItem;
const states = (runs: readonly Run[]) => runs.map(({ id, state }) => `${id} ${state}`);

test('a whole turn: prompt, thinking, tool and text, in order', () => {
  const runs = folded(
    started('r1', [user('u1', 'hello')]),
    ...thoughts('m1', 'let me ', 'see'),
    ...call('c1', '{"comm', 'and":"ls"}'),
    result('c1', 'a b'),
    ...words('m2', 'There ', 'you go'),
    finished('r1'),
  );
  assert.deepEqual(
    runs[0]?.items.map((item) => [
      item.kind,
      item.kind === 'tool' ? item.result : 'text' in item && item.text,
    ]),
    [
      ['user', 'hello'],
      ['thinking', 'let me see'],
      ['tool', 'a b'],
      ['text', 'There you go'],
    ],
  );
  assert.equal(tool(runs, 'c1').args, '{"command":"ls"}');
  assert.equal(runs[0]?.state, 'done');
});

test('how a run ended is its state: done, stopped, failed with code and message', () => {
  assert.deepEqual(states(folded(started('a'), finished('a'), started('b'), cancelled('b'))), [
    'a done',
    'b stopped',
  ]);
  const [run] = folded(
    started('c'),
    ...words('m1', 'half').slice(0, 2),
    ...call('c1').slice(0, 1),
    { type: 'RUN_ERROR', code: 'claude.api', message: 'No luck.' },
  );
  assert.deepEqual(run?.error, { code: 'claude.api', message: 'No luck.' });
  assert.equal(
    run?.items.some((item) => 'open' in item && item.open),
    false,
  );
  assert.equal(tool([run!], 'c1').state, 'ended');
});

test('withdrawn messages leave the screen, and the calls they made with them', () => {
  const [run] = folded(
    started('r1', [user('u1', 'x')]),
    ...words('m1', 'first try'),
    ...call('c1'),
    { type: 'CUSTOM', name: 'withdrawn', value: { messageIds: ['m1', 'm-c1'] } },
    ...words('m2', 'second'),
  );
  assert.deepEqual(
    run?.items.map(({ id }) => id),
    ['u1', 'note:1', 'm2'],
  );
});

test('a snapshot inside a run takes away what it does not list; between runs it replaces all', () => {
  const listed: Message = { id: 'm2', role: 'assistant', content: 'kept, corrected' };
  const inside = folded(
    started('r1', [user('u1', 'x')]),
    ...words('m1', 'gone'),
    ...words('m2', 'kept'),
    { type: 'MESSAGES_SNAPSHOT', messages: [listed] },
  );
  assert.deepEqual(
    inside[0]?.items.map((item) => 'text' in item && item.text),
    ['x', 'kept, corrected'],
  );
  const between = folded(started('r1'), finished('r1'), {
    type: 'MESSAGES_SNAPSHOT',
    messages: [user('u9', 'only this')],
  });
  assert.equal(between.length, 1);
  assert.equal(between[0]?.items[0]?.id, 'u9');
});

test('[R63] an approval stays open while Claude talks on in a run of the server’s own', () => {
  const events = [
    started('r1', [user('u1', 'x')]),
    ...call('c1', '{}'),
    ...call('c2', '{}'),
    interrupted('r1', ask('i1', 'c1')),
    started('own', [], 'r1'),
    result('c2', 'meanwhile'),
  ];
  assert.deepEqual(states(folded(...events)), ['r1 asking', 'own live']);
  assert.equal(tool(folded(...events), 'c1').state, 'asking');
  const after = folded(
    ...events,
    finished('own'),
    started('r2', [], 'own'),
    result('c1', 'done'),
    finished('r2'),
  );
  assert.deepEqual(states(after), ['r1 answered', 'own done', 'r2 done']);
  assert.equal(tool(after, 'c1').state, 'done');
});

test('[R63] an answer named by the run it opens settles exactly what it names', () => {
  const base = [
    started('r1'),
    ...call('c1', '{}'),
    ...call('c2', '{}'),
    interrupted('r1', ask('i1', 'c1'), ask('i2', 'c2')),
  ];
  const resumed = started('r2', [], 'r1') as Extract<AguiEvent, { type: 'RUN_STARTED' }>;
  const resume = [{ interruptId: 'i1', status: 'resolved' as const, payload: true }];
  const runs = folded(...base, { ...resumed, input: { ...resumed.input!, resume } });
  assert.equal(runs[0]?.state, 'asking');
  assert.deepEqual(
    runs[0]?.asks.map(({ id }) => id),
    ['i2'],
  );
  assert.equal(tool(runs, 'c1').state, 'running');
  assert.equal(tool(runs, 'c2').state, 'asking');
});

test('[R63] a newer interrupt lists all that is open: the older card closes', () => {
  const runs = folded(
    started('r1'),
    ...call('c1', '{}'),
    interrupted('r1', ask('i1', 'c1')),
    started('own', [], 'r1'),
    ...call('c2', '{}'),
    interrupted('own', ask('i1', 'c1'), ask('i2', 'c2')),
  );
  assert.deepEqual(states(runs), ['r1 answered', 'own asking']);
});

test('a prompt while an approval is pending answers it', () => {
  const runs = folded(
    started('r1'),
    ...call('c1', '{}'),
    interrupted('r1', ask('i1', 'c1')),
    started('r2', [user('u2', 'no, do that instead')], 'r1'),
  );
  assert.deepEqual(states(runs), ['r1 answered', 'r2 live']);
});

test('unknown events and those that fit nowhere change nothing', () => {
  const before = folded(started('r1'), ...words('m1', 'a'));
  const after = folded(
    started('r1'),
    ...words('m1', 'a'),
    { type: 'FROM_THE_FUTURE' } as unknown as AguiEvent,
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'nobody', delta: 'x' },
    { type: 'CUSTOM', name: 'withdrawn', value: null },
    { type: 'STATE_SNAPSHOT', snapshot: {} },
  );
  assert.deepEqual(after, before);
  assert.deepEqual(folded(...words('m1', 'no run')), []);
});

const delta = fc.string({ minLength: 1, maxLength: 6 });
const block = fc.oneof(
  fc.array(delta, { maxLength: 4 }).map((deltas) => (id: string) => words(id, ...deltas)),
  fc.array(delta, { maxLength: 4 }).map((deltas) => (id: string) => thoughts(id, ...deltas)),
  fc.tuple(fc.array(delta, { maxLength: 3 }), fc.boolean()).map(([args, answered]) => {
    return (id: string) => [...call(id, ...args), ...(answered ? [result(id, 'ok')] : [])];
  }),
);
const history = fc
  .array(fc.tuple(fc.array(block, { maxLength: 4 }), fc.constantFrom('done', 'cut', 'failed')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((runs) =>
    runs.flatMap(([blocks, end], r): AguiEvent[] => {
      const ending: AguiEvent[] = {
        done: [finished(`r${r}`)],
        cut: [cancelled(`r${r}`)],
        failed: [{ type: 'RUN_ERROR' as const, message: 'x', code: 'interrupted' }],
      }[end];
      const inner = blocks.flatMap((make, b) => make(`b${r}.${b}`));
      return [started(`r${r}`, [user(`u${r}`, 'hi')]), ...inner, ...ending];
    }),
  );

/** A store whose animation frame comes when the test says so. */
function store() {
  let flush: (() => void) | null = null;
  let notifications = 0;
  const chat = new ChatStore(
    't',
    (next) => {
      flush = next;
    },
    () => 1_000,
  );
  chat.subscribe(() => {
    notifications += 1;
  });
  return { chat, notified: () => notifications, frame: () => flush?.() };
}

test('[R4] frames seen twice, in any overlap, show the same as frames seen once', () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), (events, a, b) => {
      const frames = events.map((chunk, i) => ({ id: `k${i}`, chunk }));
      const [from, to] = [a % frames.length, b % frames.length].sort((x, y) => x - y);
      const [once, twice] = [store(), store()];
      for (const frame of frames) once.chat.receive(frame);
      for (const frame of frames.slice(0, (to ?? 0) + 1)) twice.chat.receive(frame);
      for (const frame of frames.slice(from)) twice.chat.receive(frame);
      once.frame();
      twice.frame();
      assert.deepEqual(twice.chat.view().runs, once.chat.view().runs);
      assert.deepEqual(twice.chat.place(), once.chat.place());
    }),
  );
});

test('[R8] a view that was shown never changes afterwards, and looking on the way changes nothing', () => {
  fc.assert(
    fc.property(history, fc.nat(), (events, at) => {
      const cut = at % events.length;
      const { chat, frame } = store();
      for (const [i, chunk] of events.slice(0, cut).entries()) chat.receive({ id: `k${i}`, chunk });
      frame();
      const shown = chat.view();
      const copy = structuredClone(shown.runs);
      for (const [i, chunk] of events.entries()) chat.receive({ id: `k${i}`, chunk });
      frame();
      assert.deepEqual(shown.runs, copy);
      assert.deepEqual(chat.view().runs, folded(...events));
    }),
  );
});

test('[P8] a thousand frames are one notification, and runs that did not move keep their identity', () => {
  const { chat, frame, notified } = store();
  const early = [started('r1', [user('u', 'x')]), ...words('m1', 'a'), finished('r1')];
  for (const [i, chunk] of early.entries()) chat.receive({ id: `e${i}`, chunk });
  frame();
  const first = chat.view().runs[0];
  chat.receive({ id: 's', chunk: started('r2') });
  chat.receive({ id: 't', chunk: words('m2')[0]! });
  for (let i = 0; i < 1000; i += 1) chat.receive({ id: `k${i}`, chunk: words('m2', 'w ')[1]! });
  assert.equal(notified(), 1);
  frame();
  assert.equal(notified(), 2);
  assert.equal(chat.view().runs[0], first);
  const text = chat.view().runs[1]?.items[0];
  assert.equal(text?.kind === 'text' && text.text.length, 2000);
});

test('[R5] a reset replaces everything, and the cursor starts over until frames follow', () => {
  const { chat, frame } = store();
  chat.receive({ id: 'k1', chunk: started('r1', [user('u1', 'old')]) });
  assert.deepEqual(chat.place(), { threadId: 't', after: 'k1' });
  const messages = [user('u1', 'hi'), { id: 'm1', role: 'assistant' as const, content: 'yes' }];
  chat.receive({ type: 'reset', head: 'k7', messages, before: null });
  assert.equal(chat.place().after, null, 'a drop here must ask for the snapshot again');
  chat.receive({ id: 'k8', chunk: started('r2', [user('u2', 'next')]) });
  assert.equal(chat.place().after, 'k8');
  chat.receive({ type: 'caughtUp', head: 'k8' });
  frame();
  assert.deepEqual(
    chat.view().runs.map(({ items }) => items.length),
    [2, 1],
  );
});

test('[R8] a prompt is shown once: while it is sent, and then from its run', () => {
  const { chat, frame } = store();
  chat.addSending({ runId: 'r1', text: 'hello', images: [] });
  frame();
  assert.equal(chat.view().sending.length, 1);
  chat.receive({ id: 'k1', chunk: started('r1', [user('u1', 'hello')]) });
  frame();
  assert.equal(chat.view().sending.length, 0);
  assert.equal(chat.view().runs[0]?.items.length, 1);
});

test('a fresh page asks for a new conversation until something was said in the one it got', () => {
  const { chat } = store();
  chat.open(null);
  const welcome = { type: 'welcome', threadId: 'new-1' } as Parameters<typeof chat.receive>[0];
  chat.receive(welcome);
  assert.equal(chat.place().threadId, null);
  chat.addSending({ runId: 'r1', text: 'hello', images: [] });
  assert.equal(chat.place().threadId, 'new-1');
});

test('a snapshot’s messages become runs: results folded into calls, one run a prompt', () => {
  const runs = runsOf([
    user('u1', 'one'),
    { id: 't1', role: 'reasoning', content: 'hm' },
    {
      id: 'a1',
      role: 'assistant',
      content: 'look',
      toolCalls: [{ id: 'c1', type: 'function', function: { name: 'Read', arguments: '{}' } }],
    },
    { id: 'r:c1', role: 'tool', toolCallId: 'c1', content: 'file', metadata: { isError: true } },
    user('u2', 'two'),
  ]);
  assert.deepEqual(
    runs.map(({ items }) => items.map(({ kind }) => kind)),
    [['user', 'thinking', 'text', 'tool'], ['user']],
  );
  assert.equal(tool(runs, 'c1').state, 'failed');
  assert.equal(tool(runs, 'c1').result, 'file');
});
