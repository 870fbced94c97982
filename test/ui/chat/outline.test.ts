import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AguiEvent } from '../../../src/transport/protocol.ts';
import { fold } from '../../../src/ui/chat/fold.ts';
import { runsOf } from '../../../src/ui/chat/history.ts';
import { outline } from '../../../src/ui/chat/outline.ts';
import type { Run, Thread } from '../../../src/ui/chat/thread.ts';

const started = (runId: string): AguiEvent => ({
  type: 'RUN_STARTED',
  threadId: 't',
  runId,
  input: { threadId: 't', runId, messages: [], tools: [], context: [] },
});
const call = (
  toolCallId: string,
  toolCallName: string,
  input: object,
  content: string | null = null,
  subagentRunId?: string,
): AguiEvent[] => {
  const lane = subagentRunId === undefined ? {} : { subagentRunId };
  return [
    { type: 'TOOL_CALL_START', toolCallId, toolCallName, ...lane },
    { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input), ...lane },
    { type: 'TOOL_CALL_END', toolCallId, ...lane },
    ...(content === null
      ? []
      : [
          {
            type: 'TOOL_CALL_RESULT' as const,
            messageId: `r:${toolCallId}`,
            toolCallId,
            content,
            ...lane,
          },
        ]),
  ];
};
const words = (messageId: string, delta: string, subagentRunId?: string): AguiEvent[] => {
  const lane = subagentRunId === undefined ? {} : { subagentRunId };
  return [
    { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...lane },
    { type: 'TEXT_MESSAGE_CONTENT', messageId, delta, ...lane },
    { type: 'TEXT_MESSAGE_END', messageId, ...lane },
  ];
};

function folded(...events: AguiEvent[]): Run {
  const thread: Thread = { runs: [] };
  for (const event of [started('r1'), ...events]) fold(thread, event, 1_000);
  return thread.runs[0] as Run;
}
const kinds = (run: Run) => outline(run).map(({ kind, key }) => `${kind} ${key}`);

test('what a subagent says and does is one lane, in the place of the call that began it', () => {
  const run = folded(
    ...words('m1', 'I ask a helper.'),
    ...call('task1', 'Task', { subagent_type: 'reviewer', description: 'Read it all' }),
    { type: 'SUBAGENT_STARTED', subagentRunId: 'task1', name: 'reviewer' },
    ...call('c1', 'Read', { file_path: '/a' }, 'text of a', 'task1'),
    ...words('m2', 'Found it.', 'task1'),
    ...words('m3', 'Meanwhile.'),
    { type: 'SUBAGENT_FINISHED', subagentRunId: 'task1' },
  );
  assert.deepEqual(kinds(run), ['item m1', 'lane lane:task1', 'item m3']);
  const lane = outline(run)[1];
  assert.ok(lane?.kind === 'lane');
  assert.deepEqual(
    lane.items.map(({ id }) => id),
    ['c1', 'm2'],
  );
  assert.deepEqual(
    { ...lane.lane, call: lane.call?.id },
    { id: 'task1', name: 'reviewer', description: 'Read it all', state: 'done', call: 'task1' },
  );
});

test('two subagents at once are two lanes; one that fails says so', () => {
  const run = folded(
    { type: 'SUBAGENT_STARTED', subagentRunId: 'a', name: 'a' },
    { type: 'SUBAGENT_STARTED', subagentRunId: 'b', name: 'b' },
    ...words('m1', 'from b', 'b'),
    ...words('m2', 'from a', 'a'),
    { type: 'SUBAGENT_ERROR', subagentRunId: 'a', message: 'no' },
  );
  assert.deepEqual(kinds(run), ['lane lane:b', 'lane lane:a']);
  assert.deepEqual(
    run.lanes.map(({ id, state }) => `${id} ${state}`),
    ['a failed', 'b running'],
  );
});

test('a subagent that outlives its run goes on in the next one', () => {
  const thread: Thread = { runs: [] };
  const lane = { subagentRunId: 'a' };
  const events: AguiEvent[] = [
    started('r1'),
    { type: 'SUBAGENT_STARTED', ...lane, name: 'a' },
    { type: 'SUBAGENT_FINISHED', ...lane, outcome: { type: 'suspended' } },
    { type: 'RUN_FINISHED', threadId: 't', runId: 'r1' },
    started('r2'),
    { type: 'SUBAGENT_STARTED', ...lane, name: 'a' },
    ...words('m1', 'Still here.', 'a'),
  ];
  for (const event of events) fold(thread, event, 1_000);
  const states = () => thread.runs.map(({ lanes }) => lanes[0]?.state);
  assert.deepEqual(states(), ['running', 'running']);
  fold(thread, { type: 'SUBAGENT_FINISHED', ...lane }, 1_000);
  assert.deepEqual(states(), ['done', 'done']);
});

test('from history a lane is known by its call', () => {
  const [run] = runsOf([
    { id: 'u1', role: 'user', content: 'go' },
    {
      id: 'm1',
      role: 'assistant',
      toolCalls: [
        {
          id: 'task1',
          type: 'function',
          function: { name: 'Task', arguments: '{"subagent_type":"reviewer","description":"d"}' },
        },
      ],
    },
    { id: 'm2', role: 'assistant', content: 'Found it.', subagentRunId: 'task1' },
    { id: 'r:task1', role: 'tool', toolCallId: 'task1', content: 'Report' },
  ]);
  assert.ok(run);
  assert.deepEqual(kinds(run), ['lane lane:task1']);
  assert.deepEqual(run.lanes, [{ id: 'task1', name: 'reviewer', description: 'd', state: 'done' }]);
});

test('to-do calls are one list, at the place of the first, as the last left it', () => {
  const todo = (content: string, status: string) => ({
    content,
    status,
    activeForm: `${content}…`,
  });
  const run = folded(
    ...call('c1', 'TodoWrite', { todos: [todo('A', 'in_progress'), todo('B', 'pending')] }, 'ok'),
    ...words('m1', 'Working.'),
    ...call('c2', 'TodoWrite', { todos: [todo('A', 'completed'), todo('B', 'in_progress')] }, 'ok'),
  );
  assert.deepEqual(kinds(run), ['todos c1', 'item m1']);
  const [first] = outline(run);
  assert.deepEqual(
    first?.kind === 'todos' && first.todos.map(({ text, state }) => `${text} ${state}`),
    ['A completed', 'B… in_progress'],
  );
});

test('tasks are told by their ids; a deleted one is gone; a call that failed stays a card', () => {
  const run = folded(
    ...call('c1', 'TaskCreate', { subject: 'Plan' }, 'Task #1 created successfully: Plan'),
    ...call('c2', 'TaskCreate', { subject: 'Build' }, 'Task #2 created successfully: Build'),
    ...call('c3', 'TaskUpdate', { taskId: '1', status: 'completed' }, 'ok'),
    ...call('c4', 'TaskUpdate', { taskId: '2', status: 'deleted' }, 'ok'),
  );
  const [first] = outline(run);
  assert.deepEqual(first?.kind === 'todos' && first.todos.map(({ text, state }) => [text, state]), [
    ['Plan', 'completed'],
  ]);
  const failed = folded(...call('c1', 'TodoWrite', { todos: [] }), {
    type: 'TOOL_CALL_RESULT',
    messageId: 'r:c1',
    toolCallId: 'c1',
    content: 'No such tool',
    metadata: { isError: true },
  });
  assert.deepEqual(kinds(failed), ['item c1']);
});
