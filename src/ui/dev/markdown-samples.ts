import { LONG_WORD } from './fixtures.ts';

/** What Claude writes, by what it shows. */
export const MARKDOWN: Readonly<Record<string, string>> = {
  Headings: '# One\n\nText\n\n## Two\n\nText\n\n### Three\n\nText\n\n#### Four\n\nText',
  Emphasis: '**Bold**, *slanted*, ~~struck~~, `code`, and [a link](https://example.org).',
  Lists:
    '1. First\n   - nested\n     - deeper\n2. Second\n\n   with a paragraph of its own\n\n- [x] done\n- [ ] to do',
  Quote: '> What is quoted\n>\n> > and what that quotes\n\nThen on.',
  Code: '```ts\n// A comment\nexport const answer: number = 42;\nconst text = "a string";\n```\n\n```\nno language\n```',
  'Code wider than the page': `\`\`\`sh\necho ${LONG_WORD}\n\`\`\`\n\n\`${LONG_WORD}\``,
  Diff: '```diff\n- const a = 1;\n+ const a = 2;\n  const b = 3;\n```',
  Table:
    '| File | Lines | What it does |\n|:--|--:|---|\n| `main.ts` | 118 | Starts the server |\n| `config.ts` | 197 | Reads the settings |',
  'Table wider than the page': `| ${LONG_WORD} | Two | Three |\n|---|---|---|\n| a | b | ${LONG_WORD} |`,
  Footnote: 'It is measured[^1].\n\n[^1]: On two cores.',
  Mathematics: 'Inline $a^2 + b^2 = c^2$, and alone:\n\n$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$',
  'Image of the model': '![A chart](https://example.org/chart.png)',
  Rule: 'Above\n\n---\n\nBelow',
};
