import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkOf, sharedIn, takeSharedHash } from '../../../src/ui/share/shared-link.ts';

const ID = 'AbC-_0123456789abcdefghijklmnopqrstuvwxyzXYZ'.slice(0, 43);

/** The storage of a tab that holds what a page of links kept there. */
function tab(kept: string | null) {
  const items = new Map(kept === null ? [] : [['greenroom:shared', kept]]);
  return {
    getItem: (key: string) => items.get(key) ?? null,
    removeItem: (key: string) => void items.delete(key),
    size: () => items.size,
  };
}

test('[LK9] a link carries its id in the fragment, wherever the chat is mounted', () => {
  assert.equal(linkOf(ID, 'https://host/chat/'), `https://host/chat/shared#${ID}`);
  assert.equal(linkOf(ID, `https://host/#/shared/${ID}`), `https://host/shared#${ID}`);
});

test('[LK9] the page’s hash names a link by its id, and by nothing else', () => {
  assert.equal(sharedIn(`#/shared/${ID}`), ID);
  assert.equal(sharedIn(`#/shared/${ID.slice(20)}`), ID.slice(20), 'cut short, it is asked for');
  for (const hash of [
    '',
    '#/',
    `#/c/${ID}`,
    '#/shared/',
    `#/shared/${'A'.repeat(65)}`,
    `#/shared/${ID}/`,
    `#/shared/${'%'.repeat(43)}`,
    `#/shared/${ID}\n`,
    `x#/shared/${ID}`,
  ])
    assert.equal(sharedIn(hash), null, hash);
});

test('[LK9] what was kept while its reader signed in is taken up once', () => {
  const storage = tab(ID);
  const hash = takeSharedHash(storage);
  assert.equal(hash, `#/shared/${ID}`);
  assert.equal(sharedIn(hash ?? ''), ID);
  assert.equal(takeSharedHash(storage), null);
  assert.equal(storage.size(), 0);
});

test('[LK9] what is no id leads nowhere, and is forgotten', () => {
  for (const kept of ['', 'A'.repeat(65), `/../${ID.slice(4)}`, '<script>']) {
    const storage = tab(kept);
    assert.equal(takeSharedHash(storage), null, kept);
    assert.equal(storage.size(), 0, kept);
  }
  assert.equal(takeSharedHash(tab(null)), null);
});
