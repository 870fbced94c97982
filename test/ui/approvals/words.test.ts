import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alwaysWords } from '../../../src/ui/approvals/always-words.ts';
import { answersIn, decisionWords } from '../../../src/ui/approvals/decision.ts';
import { editsIn, questionsIn, toolSummary } from '../../../src/ui/chat/tool-summary.ts';

const entry = (payload: unknown) => ({
  interruptId: 'i',
  status: 'resolved' as const,
  payload,
});

test('what “always” would allow is said rule by rule', () => {
  const rules = [{ toolName: 'Bash', ruleContent: 'git status' }, { toolName: 'Read' }];
  const suggestions = [
    { type: 'addRules', rules, behavior: 'allow', destination: 'session' },
    { type: 'addDirectories', directories: ['/srv/a'] },
    { type: 'somethingNew' },
  ];
  assert.deepEqual(alwaysWords(suggestions), [
    'Bash: git status',
    'every use of Read',
    'files in /srv/a',
  ]);
  for (const nothing of [undefined, null, 'x', [], [{}], [{ type: 'addRules', rules: [null] }]])
    assert.deepEqual(alwaysWords(nothing), []);
});

test('a decision is told the same whoever made it', () => {
  assert.equal(decisionWords(entry(true)), 'Allowed once.');
  assert.equal(
    decisionWords(entry({ approved: true, scope: 'conversation' })),
    'Allowed for this conversation.',
  );
  assert.equal(
    decisionWords(entry({ approved: true, input: {} })),
    'Allowed once, as you edited it.',
  );
  assert.equal(decisionWords(entry({ approved: false })), 'Denied.');
  assert.equal(decisionWords(entry(undefined)), 'Denied.');
  assert.deepEqual(answersIn(entry({ approved: true, input: { answers: { 'Which?': 'Blue' } } })), [
    ['Which?', 'Blue'],
  ]);
  assert.deepEqual(answersIn(entry(true)), []);
});

test('what a call changes in files is read from its input, of the tools that do', () => {
  const input = { file_path: '/a', old_string: 'x', new_string: 'y', content: 'z' };
  assert.deepEqual(editsIn('Edit', input), [{ path: '/a', before: 'x', after: 'y' }]);
  assert.deepEqual(editsIn('Write', input), [{ path: '/a', before: '', after: 'z' }]);
  assert.deepEqual(
    editsIn('MultiEdit', { file_path: '/a', edits: [{ old_string: 'x', new_string: 'y' }, null] }),
    [{ path: '/a', before: 'x', after: 'y' }],
  );
  assert.deepEqual(editsIn('Bash', input), []);
});

test('each tool is told by what says most about it', () => {
  const say = (name: string, input: object) => toolSummary(name, JSON.stringify(input));
  assert.equal(say('Read', { file_path: '/a', offset: 10, limit: 5 }), '/a, lines 10–14');
  assert.equal(say('Read', { file_path: '/a' }), '/a');
  assert.equal(say('Grep', { pattern: 'x', path: 'src' }), 'x in src');
  assert.equal(say('WebFetch', { url: 'https://example.org/a/b' }), 'example.org');
  assert.equal(say('Task', { description: 'Look', prompt: 'long' }), 'Look');
  assert.equal(say('SomethingNew', { query: 'q' }), 'q');
});

test('questions are read as far as they can be', () => {
  const options = [{ label: 'Red', description: 'warm' }, { label: 'Blue' }];
  assert.deepEqual(questionsIn({ questions: [{ question: 'Which?', options }, {}, null] }), [
    {
      question: 'Which?',
      header: '',
      options: [
        { label: 'Red', description: 'warm' },
        { label: 'Blue', description: '' },
      ],
      multiSelect: false,
    },
  ]);
});
