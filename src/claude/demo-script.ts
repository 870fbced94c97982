/** What the demo agent says. A prompt's words choose the script; each shows one thing the page can do. */

export type Step =
  | { think: string }
  /** `wordMs`: pause between words, when not `WORD_MS`. */
  | { say: string; wordMs?: number }
  /** Asks for approval, then shows `result`. Nothing is ever run. */
  | { tool: string; input: Record<string, unknown>; result: string }
  | { fail: string; status: number }
  | { waitMs: number }
  /** So many words as fast as they can be written. */
  | { flood: number };

/** Words between which the demo pauses so long, about what a person sees of a real answer. */
export const WORD_MS = 24;

const HELP = `You can ask it for:

| word in your prompt | what you see |
| --- | --- |
| \`slow\` | a pause before the answer, and a slow one |
| \`tool\` | a tool call that asks for your approval |
| \`error\` | a turn that ends with an API error |
| \`flood\` | 20,000 words at once |
| \`markdown\` | headings, lists, a table and code |
`;

const MARKDOWN = `# A short tour

Streams of **bold**, *emphasis*, \`inline code\` and [a link](https://example.org/docs).

1. First, numbered things
2. Then, with nesting:
   - a bullet
   - another, with ~~a change of mind~~

> A quotation, for good measure.

| Language | Greeting |
| --- | --- |
| English | Hello |
| Deutsch | Guten Tag |
| 日本語 | こんにちは |

\`\`\`typescript
/** Adds up what a turn used. */
export function total(usage: readonly { tokens: number }[]): number {
  return usage.reduce((sum, { tokens }) => sum + tokens, 0);
}
\`\`\`

That is all of it.
`;

export function scriptFor(prompt: string): readonly Step[] {
  const asks = (word: string) => new RegExp(`\\b${word}\\b`, 'i').test(prompt);
  if (asks('error'))
    return [{ say: 'I will fail now, as asked. ' }, { fail: 'Overloaded (demo)', status: 529 }];
  if (asks('flood')) return [{ flood: 20_000 }];
  if (asks('tool')) return tool();
  if (asks('markdown'))
    return [{ think: 'They want to see formatting. One of each, then.' }, { say: MARKDOWN }];
  if (asks('slow')) return slow();
  return [
    { think: 'Someone wrote to the demo agent. It should say what it is, and echo what it got.' },
    {
      say: `This is the **demo agent**. It cannot think, but it streams. You wrote:\n\n${quote(prompt)}\n\n${HELP}`,
    },
  ];
}

function tool(): readonly Step[] {
  return [
    { think: 'A tool needs leave from the person at the keyboard.' },
    { say: 'I would like to look around first.' },
    {
      tool: 'Bash',
      input: { command: 'ls -l --almost-all', description: 'List the files in the workspace' },
      result: 'total 8\n-rw-r--r-- 1 demo demo 12 README.md\n-rw-r--r-- 1 demo demo 42 notes.txt',
    },
    {
      say: 'There are two files: `README.md` and `notes.txt`. (The demo ran nothing; it made them up.)',
    },
  ];
}

function slow(): readonly Step[] {
  const text =
    'This answer takes its time, so that you can stop it, reload the page, or cut the line.';
  return [{ waitMs: 1_000 }, { say: text, wordMs: 250 }];
}

function quote(prompt: string): string {
  const shown = prompt.length > 2_000 ? `${prompt.slice(0, 2_000).toWellFormed()} …` : prompt;
  return shown.replace(/^/gm, '> ');
}
