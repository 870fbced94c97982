/** Every word of the page, in both languages: none missing, none left English, none outside the catalogues. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ops as opsGerman } from '../../src/ui/words/de/ops.ts';
import { ops as opsEnglish } from '../../src/ui/words/en/ops.ts';
import { english } from '../../src/ui/words/english.ts';
import { german } from '../../src/ui/words/german.ts';
import { textsIn } from './support/catalogue.ts';
import { rawWordsIn } from './support/raw-words.ts';

/** Not the page's: tools for developers, and the catalogues themselves. */
const FILES_EXEMPT = ['dev/**', 'words/**'];

/** What German calls by the same name as English. */
const SAME = [
  'chat.aSubagent',
  'chat.patternIn',
  'connection.live',
  'connection.offline',
  'limits.inTime',
  'limits.meter',
  'ops.agent',
  'ops.goLive',
  'ops.origins.server',
  'ops.sandbox',
  'ops.version',
  'palette.keys.escape',
  'share.code',
  'thread.errorCode',
  'trust.claude',
  'view.retryIn',
];

/** Said to Claude, who reads every language. */
const TO_CLAUDE = ['approvals/question-form.tsx: The user skipped the question.'];

const UI = fileURLToPath(new URL('../../src/ui', import.meta.url));
const en = textsIn({ ...english, ops: opsEnglish });
const de = textsIn({ ...german, ops: opsGerman });

test('both languages have the same texts, and none is empty in one alone', () => {
  assert.deepEqual([...de.keys()], [...en.keys()]);
  assert.ok(en.size > 200);
  for (const [name, text] of en)
    assert.equal(de.get(name)?.trim() === '', text.trim() === '', `${name} is empty`);
});

test('no German text is the English one', () => {
  const isWord = (text: string) => /\p{L}{2}/u.test(text.replace('Claude', ''));
  const same = [...en].filter(([name, text]) => de.get(name) === text && isWord(text));
  assert.deepEqual(
    same.map(([name]) => name),
    SAME,
  );
});

const STYLE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['says du', /\b(?:du|dich|dir|dein\w*|euch|euer)\b/i],
  ['gives orders as to a friend', /^(?:Versuch|Öffne|Lade|Kopiere|Zieh|Frag|Prüfe|Wähle|Gib)\b/],
  ['calls a conversation otherwise', /\b(?:Gespräch|Konversation|Chat)\w*/],
  ['quotes as English does', /["”]|“\p{L}/u],
  ['has dots that stick to a word', /\.\.\.|\S…/u],
];
for (const [what, pattern] of STYLE)
  test(`no German text ${what}`, () => {
    const found = [...de].filter(([, text]) => pattern.test(text));
    assert.deepEqual(found, []);
  });

test('the page says nothing that is not in the catalogues', () => {
  const found = globSync('**/*.{ts,tsx}', {
    cwd: UI,
    exclude: FILES_EXEMPT,
  })
    .sort()
    .flatMap((file) =>
      rawWordsIn(file, readFileSync(join(UI, file), 'utf8')).map((it) => `${file}: ${it}`),
    );
  assert.deepEqual(found, TO_CLAUDE);
});

test('a word that is not in the catalogues is found, wherever it stands', () => {
  const source = `
    /** A comment says what it likes. */
    export const A = ({ on }: { on: Array<string> }) => (
      <p aria-label="Raw label" className="not a word" title={on ? 'Raw title' : words.a.b}>
        Raw text {on ? 'Raw branch' : \`Raw \${on} template\`} · {'→'} Greenroom
      </p>
    );
    const say = 'A sentence that is shown to somebody.';
    throw new Error('A bug speaks to developers.');
    const states = { description: 'A state is described to developers.' };
  `;
  assert.deepEqual(rawWordsIn('a.tsx', source), [
    'Raw label',
    'Raw title',
    'Raw text',
    'Raw branch',
    'Raw template',
    'A sentence that is shown to somebody.',
  ]);
});
