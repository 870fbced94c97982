/** What is said in the pictures: for each prompt a scene, and what Claude does in it. */
export type Step =
  | { think: string }
  /** `wordMs`: pause between words; long enough, it is still being written when the picture is taken. */
  | { say: string; wordMs?: number }
  | { tool: string; input: Record<string, unknown>; result: string; asks?: boolean };

export const PROMPTS = {
  fix: 'A page that reconnects misses a frame now and then. Find out why, and fix it.',
  tests: 'Run the tests for it',
  rename: 'Rename my photos by the day they were taken',
  notes: 'Summarise the meeting notes in docs/',
  slow: 'Which tests are slow, and why?',
};

const todo = (...states: string[]) => ({
  todos: [
    'Find where a page resumes',
    'Make the replay begin after the last frame it saw',
    'Add a test that cuts the line',
  ].map((content, at) => ({ content, activeForm: content, status: states[at] })),
});

const FIX: readonly Step[] = [
  {
    think:
      'The cursor is taken before the frame is shown. If the line breaks in between, it is lost.',
  },
  { say: 'I will look at how a page resumes.' },
  { tool: 'TodoWrite', input: todo('completed', 'completed', 'in_progress'), result: 'ok' },
  { tool: 'Grep', input: { pattern: 'resumeAfter', path: 'src' }, result: 'src/resume.ts:12' },
  { tool: 'Read', input: { file_path: 'src/resume.ts' }, result: '…' },
  {
    tool: 'Edit',
    input: {
      file_path: 'src/resume.ts',
      old_string: '  cursor = frame.id;\n  await show(frame);\n',
      new_string:
        '  await show(frame);\n  // Only what was shown is not asked for again.\n  cursor = frame.id;\n',
    },
    result: 'The file was updated.',
  },
  {
    say: `The cursor moved **before** its frame was shown: a line that broke in between lost that frame.

\`\`\`ts
await show(frame);
cursor = frame.id; // only what was shown is not asked for again
\`\`\`

| Before | After |
|---|---|
| cursor, then show | show, then cursor |
| a frame may be lost | a frame may come twice, and is dropped by its id |

`,
  },
  {
    say: 'Next comes a test that cuts the line at every frame, so that this cannot return',
    wordMs: 300,
  },
];

const TESTS: readonly Step[] = [
  { say: 'The new test and its neighbours are the ones to run.' },
  {
    tool: 'Bash',
    input: { command: 'node --test test/resume.test.ts', description: 'Run the resume tests' },
    result: 'ok 14',
    asks: true,
  },
  { say: 'All 14 pass.' },
];

export function sceneFor(prompt: string): readonly Step[] {
  if (prompt.includes(PROMPTS.fix)) return FIX;
  if (prompt.includes(PROMPTS.tests)) return TESTS;
  return [
    {
      say: 'Done: what you asked for is in your workspace, and the page **resumes** where it was.',
    },
  ];
}
