import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandsFor, filesFor, unfinishedAt } from '../../../src/ui/compose/completion.ts';
import { recall } from '../../../src/ui/compose/recall.ts';

const at = (text: string, caret = text.length) => unfinishedAt(text, caret);

test('a command is completed only at the start of a prompt', () => {
  assert.deepEqual(at('/co'), { kind: 'command', query: 'co', start: 0 });
  assert.deepEqual(at('/'), { kind: 'command', query: '', start: 0 });
  assert.equal(at('/compact now'), null);
  assert.equal(at('see /co'), null);
  assert.equal(at('/usr/bin'), null);
});

test('a file is completed after an @ that begins a word, at the caret', () => {
  assert.deepEqual(at('look at @src/ma'), { kind: 'file', query: 'src/ma', start: 8 });
  assert.deepEqual(at('@'), { kind: 'file', query: '', start: 0 });
  assert.deepEqual(at('a @b c', 4), { kind: 'file', query: 'b', start: 2 });
  assert.equal(at('mail me@example.org'), null);
  assert.equal(at('@done and more'), null);
});

test('commands that begin so come first; a folder stays open for more', () => {
  const offer = (name: string) => ({ name, description: `${name}!`, argumentHint: '' });
  const found = commandsFor('co', [offer('recount'), offer('compact'), offer('review')]);
  assert.deepEqual(
    found.map(({ insert }) => insert),
    ['/compact ', '/recount '],
  );
  assert.deepEqual(
    filesFor(['src/', 'src/main.ts']).map(({ insert }) => insert),
    ['@src/', '@src/main.ts '],
  );
});

test('↑ and ↓ walk through earlier prompts, and never over words of the user’s own', () => {
  const prompts = ['one', 'two'];
  assert.equal(recall(prompts, '', 2, 'up'), 1);
  assert.equal(recall(prompts, 'two', 1, 'up'), 0);
  assert.equal(recall(prompts, 'one', 0, 'up'), null);
  assert.equal(recall(prompts, 'one', 0, 'down'), 1);
  assert.equal(recall(prompts, 'two', 1, 'down'), 2);
  assert.equal(recall(prompts, 'my own words', 1, 'up'), null);
  assert.equal(recall([], '', 0, 'up'), null);
});
