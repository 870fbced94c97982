import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Watched } from '../../src/ui/watched.ts';

test('[R8] who looks at a value hears of each change of it, of nothing else, and of none after their end', () => {
  const { get, set, subscribe } = new Watched<string | null>(null);
  const heard: (string | null)[] = [];
  const end = subscribe(() => heard.push(get()));
  set('a');
  set('a');
  set(null);
  end();
  set('b');
  assert.deepEqual(heard, ['a', null]);
  assert.equal(get(), 'b');
});
