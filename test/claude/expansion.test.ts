/** Which prompts the CLI may read as more than text. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { mayExpand } from '../../src/claude/expansion.ts';
import { tempDir } from './programs.ts';

const root = tempDir();
const directory = join(root, 'ws');
const may = (text: string, commands: readonly string[] = ['compact', 'review']) =>
  mayExpand(text, { commands, directory });

before(() => {
  mkdirSync(join(directory, 'src'), { recursive: true });
  writeFileSync(join(root, 'outside.txt'), 'secret');
  writeFileSync(join(directory, 'in.txt'), 'inside');
  writeFileSync(join(directory, 'src', 'a b.ts'), 'inside');
  writeFileSync(join(directory, 'link.'), 'a file whose name without its full stop is a link');
  writeFileSync(join(directory, 'agent-x'), 'inside');
  symlinkSync(join(root, 'outside.txt'), join(directory, 'link'));
  symlinkSync(root, join(directory, 'up'));
  symlinkSync('in.txt', join(directory, 'alias'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
});

test('[CH4] a prompt that begins with an allowed command is run as one', () => {
  for (const text of ['/compact', '/compact keep the names', '/review\nplease'])
    assert.ok(may(text), text);
});

test('[R53] all other commands are text', () => {
  const texts = ['/clear', '/compactx', '/compact:x', ' /compact', '//compact', 'x /compact'];
  texts.push(
    'text\n/compact',
    '/COMPACT',
    '/',
    '/clear @in.txt',
    '\n/clear @in.txt',
    '!ls',
    '#note',
  );
  for (const text of texts) assert.ok(!may(text), JSON.stringify(text));
  assert.ok(!may('/compact', []));
});

test('[CH5] a prompt whose mentions lie in the working directory may have them read', () => {
  const texts = [
    'see @in.txt',
    '@src/ and @"src/a b.ts"',
    'is it in @in.txt?',
    'end with @in.txt.',
  ];
  texts.push('@alias stays inside', 'ask me@example.org about @in.txt', '/compact @in.txt', '@.');
  for (const text of texts) assert.ok(may(text), text);
});

test('[CH5] one that lies elsewhere, or may mean something else, makes all of it text', () => {
  const texts = ['@link', '@link.', '@up/outside.txt', '@../outside.txt', `@${root}/outside.txt`];
  texts.push('@src/../../outside.txt', '@~/x', '@missing.txt', '@pipe', '@/etc/passwd', '@agent-x');
  texts.push(
    '(@in.txt)',
    '@in.txt#L1',
    '@server:uri',
    '@in.txt @link',
    '@"up/outside.txt"',
    '@@in.txt',
  );
  texts.push('@in.txt and @', '/compact @link', '、@link @in.txt', '@in.txt\u00a0@\u200blink');
  for (const text of texts) assert.ok(!may(text), text);
  assert.ok(!may('nothing is mentioned'), 'text stays text');
  assert.ok(!may('@in.txt '.repeat(21)), 'more than can be looked at');
});

test('[CH5] whatever is written around it, a mention of what is outside is never read', () => {
  const outside = fc.constantFrom(
    'link',
    'up/outside.txt',
    '../outside.txt',
    `${root}/outside.txt`,
  );
  const around = fc.string({ unit: fc.constantFrom(...' \n\t.,"@/()a#:、'), maxLength: 12 });
  const quoted = fc.boolean();
  fc.assert(
    fc.property(around, outside, quoted, around, (head, path, isQuoted, tail) => {
      const mention = isQuoted ? `@"${path}"` : `@${path}`;
      assert.ok(!may(`${head} ${mention} ${tail}`));
    }),
  );
});
