import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sends } from '../../../src/ui/compose/enter-key.ts';
import { quoteOf, withQuote } from '../../../src/ui/compose/quote.ts';

test('a quote keeps its lines, and code stays code whatever backticks it holds', () => {
  assert.equal(quoteOf('One.\n\nTwo.\n', false), '> One.\n>\n> Two.');
  assert.equal(quoteOf('  if (a)\r\n    b();\n', true), '> ```\n>   if (a)\n>     b();\n> ```');
  assert.equal(quoteOf('```\nx', true), '> ````\n> ```\n> x\n> ````');
});

test('a quote goes to the caret as a paragraph of its own, and one writes on below it', () => {
  assert.deepEqual(withQuote('', 0, 0, '> q'), { text: '> q\n\n', caret: 5 });
  const { text, caret } = withQuote('Look: and after', 5, 5, '> q');
  assert.equal(text, 'Look:\n\n> q\n\nand after');
  assert.equal(text.slice(caret), 'and after');
  assert.equal(withQuote('a WRONG b', 2, 7, '> q').text, 'a\n\n> q\n\nb');
});

test('Enter sends on a keyboard, breaks the line on a touch screen; with Ctrl or ⌘ it sends on both', () => {
  const none = { key: 'Enter', shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
  assert.deepEqual([sends(none, false), sends(none, true)], [true, false]);
  for (const key of ['ctrlKey', 'metaKey'])
    assert.deepEqual(
      [sends({ ...none, [key]: true }, false), sends({ ...none, [key]: true }, true)],
      [true, true],
    );
  for (const key of ['shiftKey', 'altKey'])
    assert.equal(sends({ ...none, [key]: true }, false), false);
  assert.equal(sends({ ...none, key: 'a' }, false), false);
});
