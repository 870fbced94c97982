import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ariaKeys,
  keycapsOf,
  pressed,
  SHORTCUTS,
  type ShortcutId,
} from '../../src/ui/shortcuts.ts';

const MAC = true;
const none = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
const k = { ...none, key: 'k', code: 'KeyK' };

test('⌘ on a Mac and Ctrl elsewhere, and not the other: those are the system’s or the text field’s', () => {
  assert.equal(pressed({ ...k, metaKey: true }, 'palette', MAC), true);
  assert.equal(pressed({ ...k, ctrlKey: true }, 'palette', MAC), false);
  assert.equal(pressed({ ...k, ctrlKey: true }, 'palette', !MAC), true);
  assert.equal(pressed({ ...k, metaKey: true }, 'palette', !MAC), false);
  for (const more of ['shiftKey', 'altKey', 'metaKey'])
    assert.equal(pressed({ ...k, ctrlKey: true, [more]: true }, 'palette', !MAC), false);
});

test('a letter is the one that is written; its place counts where no Latin letter is', () => {
  const held = { ...none, ctrlKey: true };
  assert.equal(pressed({ ...held, key: 'K', code: 'KeyK' }, 'palette', !MAC), true); // caps lock
  assert.equal(pressed({ ...held, key: 'л', code: 'KeyK' }, 'palette', !MAC), true); // Russian
  assert.equal(pressed({ ...held, key: 't', code: 'KeyK' }, 'palette', !MAC), false); // Dvorak
  assert.equal(pressed({ ...held, key: 'k', code: 'KeyV' }, 'palette', !MAC), true); // Dvorak
});

test('“?” is a character, with or without Shift; a quote is on the 9 whatever Shift makes of it', () => {
  for (const shiftKey of [true, false])
    assert.equal(pressed({ ...none, key: '?', shiftKey }, 'help', !MAC), true);
  assert.equal(pressed({ ...none, key: '?', ctrlKey: true }, 'help', !MAC), false);
  for (const key of ['(', ')', '9', 'ç'])
    for (const held of ['ctrlKey', 'metaKey'])
      assert.equal(
        pressed({ ...none, key, code: 'Digit9', shiftKey: true, [held]: true }, 'quote', !MAC),
        true,
      );
  assert.equal(pressed({ ...none, key: '9', code: 'Digit9', ctrlKey: true }, 'quote', !MAC), false);
});

test('no two shortcuts of one place are the same keys, so that each key does one thing', () => {
  const ids = Object.keys(SHORTCUTS) as ShortcutId[];
  for (const mac of [MAC, !MAC]) {
    const named = ids.map((id) => `${SHORTCUTS[id].place} ${keycapsOf(id, mac).join(' ')}`);
    assert.equal(new Set(named).size, ids.length);
  }
});

test('keys are named as they are printed, and as readers of the screen are told', () => {
  assert.deepEqual(keycapsOf('palette', MAC), ['command', 'K']);
  assert.deepEqual(keycapsOf('quote', !MAC), ['control', 'shift', '9']);
  assert.deepEqual(keycapsOf('stop'), ['escape']);
  assert.equal(ariaKeys('palette', MAC), 'Meta+K');
  assert.equal(ariaKeys('quote', !MAC), 'Control+Shift+9');
  assert.equal(ariaKeys('recallEarlier'), 'ArrowUp');
});
