import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NOTHING, render } from '../../../src/ui/markdown/blocks.ts';
import { addedCode } from '../../../src/ui/markdown/grow-code.ts';

/** The last block of a text that goes on. */
const last = (text: string) => render(NOTHING, text, true).tail.at(-1)?.html ?? '';
const fence = (code: string) => last(`Look:\n\n\`\`\`ts\n${code}`);

const code = fc.string({
  unit: fc.constantFrom(...'ab<>&"\'; \n#*_[]('),
  minLength: 1,
  maxLength: 40,
});

test('of an open fence, what is added is the text that came, whatever its characters', () => {
  fc.assert(
    fc.property(code, code, (one, two) => {
      const [before, after] = [`x${one}|`, `x${one}|${two}|`];
      assert.equal(addedCode(fence(before), fence(after)), `${two}|`);
    }),
  );
});

test('anything else is written anew: a fence that closes, another code, no code', () => {
  const closed = fence('a\nb\n```\n');
  assert.equal(addedCode(fence('a\nb'), closed), null);
  assert.equal(addedCode(closed, closed), null);
  assert.equal(addedCode(fence('abc'), fence('abX')), null);
  assert.equal(addedCode(fence('abc'), last('plain text')), null);
  assert.equal(addedCode(last('- a\n\n  ```ts\n  b'), last('- a\n\n  ```ts\n  bc')), null);
  assert.equal(addedCode('', fence('abc')), null);
});
