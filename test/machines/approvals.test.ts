import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answered,
  Approvals,
  type Decision,
  resumeEntry,
} from '../../src/machines/approvals.ts';
import { forConversation } from '../../src/machines/permission-updates.ts';

const RULE = {
  type: 'addRules',
  rules: [{ toolName: 'Bash', ruleContent: 'ls' }],
  behavior: 'allow',
  destination: 'localSettings',
};

function asked(
  input: Record<string, unknown>,
  mode = 'default',
  onAnswered: (answered: Answered) => void = () => {},
) {
  const approvals = new Approvals(mode, onAnswered);
  const request = { toolName: 'Bash', toolUseId: 'toolu_1', input, suggestions: [RULE] };
  const words = { title: 'Run it?', description: 'list', reason: 'subcommandResults' };
  approvals.ask('q1', { ...request, ...words });
  return approvals;
}
const decision = (interruptId: string, given: Partial<Decision> = {}): Decision => ({
  ...{ interruptId, approved: true, scope: 'once', input: null, message: null },
  ...given,
});

test('an interrupt is named by its request and by the very input it shows', () => {
  const [one, same, other] = [
    asked({ a: 1, b: { c: [1], d: 2 } }),
    asked({ b: { d: 2, c: [1] }, a: 1 }),
    asked({ a: 1, b: { c: [2], d: 2 } }),
  ].map((approvals) => approvals.interrupt('q1').id);
  assert.match(String(one), /^q1\.[\w-]{16}$/);
  assert.equal(one, same);
  assert.notEqual(one, other);
});

test('an answer to an input that has changed since is none', () => {
  const approvals = asked({ command: 'ls' });
  const { id } = approvals.interrupt('q1');
  const changed = { toolName: 'Bash', toolUseId: null, input: { command: 'rm -r x' } };
  approvals.ask('q1', {
    ...changed,
    title: null,
    description: null,
    reason: null,
    suggestions: [],
  });
  assert.equal(approvals.requestOf(id), null);
  assert.equal(approvals.requestOf('q1'), null);
  assert.equal(approvals.requestOf(approvals.interrupt('q1').id), 'q1');
});

test('what is shown is what “for this conversation” adds', () => {
  const approvals = asked({ command: 'ls' });
  const { id, metadata } = approvals.interrupt('q1');
  const { title, description, reason } = metadata ?? {};
  assert.deepEqual([title, description, reason], ['Run it?', 'list', 'subcommandResults']);
  assert.deepEqual(metadata?.suggestions, [{ ...RULE, destination: 'session' }]);
  approvals.decide('q1', decision(id, { scope: 'conversation' }));
  const answer = approvals.take('q1');
  assert.deepEqual(
    'updatedPermissions' in answer && answer.updatedPermissions,
    metadata?.suggestions,
  );
});

test('an edited input adds no rules, runs as edited, and is told so to all', () => {
  const approvals = asked({ command: 'ls' });
  const input = { command: 'ls -a' };
  const given = decision(approvals.interrupt('q1').id, { scope: 'conversation', input });
  approvals.decide('q1', given);
  assert.deepEqual(approvals.take('q1'), { behavior: 'allow', updatedInput: input });
  assert.deepEqual(resumeEntry(given).payload, { approved: true, scope: 'conversation', input });
});

test('no suggestion goes beyond the operator’s mode, or to the disk', () => {
  const mode = (to: string) => ({ type: 'setMode', mode: to, destination: 'session' });
  const suggestions = [
    ...[mode('bypassPermissions'), mode('acceptEdits'), mode('plan'), mode('invented')],
    ...[
      { type: 'removeRules', rules: [] },
      { ...RULE, behavior: 'deny' },
    ],
    { type: 'addDirectories', directories: ['/w'], destination: 'projectSettings' },
  ];
  const addDirectories = { type: 'addDirectories', directories: ['/w'], destination: 'session' };
  const kept = (operatorMode: string) => forConversation(suggestions, operatorMode);
  assert.deepEqual(kept('default'), [mode('plan'), addDirectories]);
  assert.deepEqual(kept('acceptEdits'), [mode('acceptEdits'), mode('plan'), addDirectories]);
  assert.deepEqual(kept('invented'), [addDirectories]);
});

test('[R59] each answer is told once, by its tool and what was decided, without what it was about', () => {
  const told: Answered[] = [];
  const fresh = () => asked({ command: 'CANARY' }, 'default', (answered) => told.push(answered));
  fresh().decide('q1', decision('x', { scope: 'conversation' }));
  fresh().decide('q1', decision('x', { scope: 'conversation', input: { command: 'CANARY' } }));
  fresh().decide('q1', decision('x', { approved: false, message: 'CANARY' }));
  const inWords = fresh();
  inWords.deny('q1', 'CANARY');
  inWords.deny('q1', 'again');
  const no = { toolName: 'Bash', approved: false, scope: 'once', edited: false };
  assert.deepEqual(told, [
    { toolName: 'Bash', approved: true, scope: 'conversation', edited: false },
    { toolName: 'Bash', approved: true, scope: 'once', edited: true },
    no,
    no,
  ]);
});
