import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shared } from '../src/shared.ts';

/** Work that ends when it is told to, and what each time of it was asked for by. */
function held() {
  const ends: PromiseWithResolvers<number>[] = [];
  const work = shared(() => {
    const end = Promise.withResolvers<number>();
    ends.push(end);
    return end.promise;
  });
  return { work, ends, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

test('who asks while it is done shares the next time with all who do', async () => {
  const { work, ends, settled } = held();
  const first = [work(), work()];
  await settled();
  const later = [work(), work(), work()];
  await settled();
  assert.equal(ends.length, 1, 'the second waits for the first');
  ends[0]?.resolve(1);
  await settled();
  assert.equal(ends.length, 2);
  ends[1]?.resolve(2);
  assert.deepEqual(await Promise.all([...first, ...later]), [1, 1, 2, 2, 2]);
});

test('a failure is for those who asked for it, and the next time begins all the same', async () => {
  const { work, ends, settled } = held();
  const failing = work();
  const rejected = assert.rejects(failing, /gone/);
  await settled();
  const next = work();
  ends[0]?.reject(new Error('gone'));
  await rejected;
  await settled();
  ends[1]?.resolve(2);
  assert.equal(await next, 2);
});
