/** What Claude does: tools, subagents, to-do lists and questions. */
import { said } from '../chat.tsx';
import { asking, begun, custom, LONG_WORD, text, tool, turn } from '../fixtures.ts';
import type { Section } from '../state.tsx';

const EDIT = {
  file_path: 'src/config.ts',
  old_string: 'const port = 80;\nconst host = "0.0.0.0";\n',
  new_string: 'const port = 8080;\nconst host = "127.0.0.1";\n',
};
const COMMAND = { command: 'npm test -- --grep "resume"', description: 'Run the resume tests' };
const LOG = 'ok 1 - resumes after the last cursor\n'.repeat(60);

const TOOLS: readonly [name: string, input: object, result: string][] = [
  ['Bash', COMMAND, LOG],
  ['Read', { file_path: '/work/src/main.ts', offset: 1, limit: 80 }, '1 import …'],
  ['Edit', EDIT, 'The file was updated.'],
  [
    'MultiEdit',
    { file_path: 'a.ts', edits: [EDIT, { old_string: 'one', new_string: 'two' }] },
    'Done.',
  ],
  ['Write', { file_path: 'notes.md', content: '# Notes\n\nSome words.\n' }, 'Written.'],
  ['Grep', { pattern: 'TODO', path: 'src' }, 'src/a.ts:3'],
  ['Glob', { pattern: '**/*.css' }, 'tokens.css\nbase.css'],
  ['WebFetch', { url: 'https://example.org/a/b', prompt: 'Summarise' }, 'A page.'],
  ['WebSearch', { query: 'css logical properties' }, '3 results'],
  ['NotebookEdit', { notebook_path: 'plot.ipynb', new_source: 'plot()' }, 'Done.'],
  ['mcp__forge__issue', { number: 7, owner: 'ada' }, '{"title":"A chat"}'],
];

export const tools: Section = {
  id: 'tools',
  title: 'Tool cards',
  states: [
    ...TOOLS.map(([name, input, result]) =>
      said(name, turn('Do', ...tool(name, input, { result }))),
    ),
    said('Being prepared', [
      ...begun('Do', { type: 'TOOL_CALL_START', toolCallId: 'p1', toolCallName: 'Write' }),
      { type: 'TOOL_CALL_ARGS', toolCallId: 'p1', delta: '{"file_path":"no' },
    ]),
    said('Running', begun('Do', ...tool('Bash', COMMAND))),
    said('Failed', turn('Do', ...tool('Bash', COMMAND, { result: 'exit 1', isError: true }))),
    said(
      'Denied',
      turn(
        'Do',
        ...tool('Bash', { command: 'rm -rf build' }, { id: 'd1' }),
        custom('claude.permission_denied', { toolUseId: 'd1', message: 'Not in this folder.' }),
      ),
    ),
    said('Without a result', turn('Do', ...tool('Bash', COMMAND))),
    said('Empty result', turn('Do', ...tool('Bash', COMMAND, { result: '' }))),
    said('Cut result', turn('Do', ...tool('Bash', COMMAND, { result: LOG, fullLength: 400_000 }))),
    said(
      'Long names',
      turn('Do', ...tool(LONG_WORD, { command: LONG_WORD }, { result: LONG_WORD })),
    ),
  ],
};

const lane = (id: string, name: string, description: string) => [
  ...tool('Task', { subagent_type: name, description, prompt: 'Look into it' }, { id }),
  { type: 'SUBAGENT_STARTED' as const, subagentRunId: id, name, description },
];

export const lanes: Section = {
  id: 'lanes',
  title: 'Subagents',
  states: [
    said(
      'Working',
      begun(
        'Look',
        ...lane('l1', 'Explore', 'Find where frames are written'),
        ...tool('Grep', { pattern: 'frame' }, { lane: 'l1', result: 'a.ts' }),
      ),
    ),
    said(
      'Two at work',
      begun('Look', ...lane('l2', 'Explore', 'The server'), ...lane('l3', 'Explore', 'The page')),
    ),
    said(
      'Done',
      turn('Look', ...lane('l4', 'Plan', 'Plan the change'), {
        type: 'SUBAGENT_FINISHED',
        subagentRunId: 'l4',
      } as never),
    ),
    said(
      'Failed',
      turn('Look', ...lane('l5', 'Review', 'Review it'), {
        type: 'SUBAGENT_ERROR',
        subagentRunId: 'l5',
        message: 'It broke.',
      } as never),
    ),
  ],
};

const TODOS = {
  todos: [
    { content: 'Read the note', status: 'completed' },
    { content: 'Write the test', activeForm: 'Writing the test', status: 'in_progress' },
    { content: `Fix ${LONG_WORD}`, status: 'pending' },
  ],
};

export const todos: Section = {
  id: 'todos',
  title: 'To-do lists',
  states: [
    said('In the middle', begun('Go', ...tool('TodoWrite', TODOS, { result: 'ok' }))),
    said(
      'All done',
      turn(
        'Go',
        ...tool(
          'TodoWrite',
          { todos: TODOS.todos.map((one) => ({ ...one, status: 'completed' })) },
          { result: 'ok' },
        ),
      ),
    ),
  ],
};

const QUESTION = {
  question: 'Which database shall it be?',
  header: 'Store',
  multiSelect: false,
  options: [
    { label: 'SQLite', description: 'One file, one server' },
    { label: 'PostgreSQL', description: 'Several servers' },
  ],
};

export const asks: Section = {
  id: 'asks',
  title: 'Approvals and questions',
  states: [
    said('A command', begun('Do', ...asking(['Bash', COMMAND]))),
    said('A long command', begun('Do', ...asking(['Bash', { command: `echo ${LONG_WORD}` }]))),
    said('An edit', begun('Do', ...asking(['Edit', EDIT]))),
    said('Any tool', begun('Do', ...asking(['mcp__forge__close', { number: 7 }]))),
    said('Several at once', begun('Do', ...asking(['Bash', COMMAND], ['Write', EDIT]))),
    said('A question', begun('Ask', ...asking(['AskUserQuestion', { questions: [QUESTION] }]))),
    said(
      'Questions',
      begun(
        'Ask',
        ...asking([
          'AskUserQuestion',
          {
            questions: [
              QUESTION,
              { ...QUESTION, question: 'What else?', header: '', multiSelect: true },
              { question: 'Anything to add?', header: 'Notes', options: [] },
            ],
          },
        ]),
      ),
    ),
    said('Answered elsewhere', [
      ...begun('Do', ...asking(['Bash', COMMAND])),
      ...turn('Rather not', ...text('As you wish.')),
    ]),
  ],
};
