import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCursor, type Store } from '../../src/store/store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Writer, writerOf } from '../support/rows.ts';

const BOUNDS = { messagesMax: 50, bytesMax: 256 * 1024, atLeastOne: false };

async function snapshotAfter(write: (writer: Writer, store: Store) => Promise<void>) {
  const store = memoryStore();
  await write(await writerOf(store, 'alice', 't'), store);
  const { head, ...page } = await store.snapshot('alice/t', BOUNDS);
  return { head: head && encodeCursor(head), ...page };
}

test('[R6] runs before the last are messages; the last follows as frames', async () => {
  const snapshot = await snapshotAfter(async (writer) => {
    await writer.run('a', 'first', ['1', '2']);
    await writer.run('b', 'second', ['3']);
    await writer.run('c', 'third', ['4']);
  });
  assert.deepEqual(
    snapshot.messages.map(({ role, content }) => [role, content]),
    [
      ['user', 'first'],
      ['assistant', '12'],
      ['user', 'second'],
      ['assistant', '3'],
    ],
  );
  assert.equal(snapshot.head, '1.11');
  assert.equal(snapshot.before, null);
});

test('[R6] the last run brings the runs it goes on from', async () => {
  const snapshot = await snapshotAfter(async (writer) => {
    await writer.run('a', 'first', ['1']);
    await writer.start('b', 'second');
    await writer.finish('b');
    await writer.start('c', 'answer', 'b');
    await writer.finish('c');
  });
  assert.equal(snapshot.head, '1.5');
});

test('[R6] a snapshot holds at most 50 messages, and says where the rest ends', async () => {
  const snapshot = await snapshotAfter(async (writer) => {
    for (let i = 0; i < 60; i++) await writer.run(`r${i}`, `prompt ${i}`, [`answer ${i}`]);
  });
  assert.equal(snapshot.messages.length, 50);
  assert.equal(snapshot.messages.at(-1)?.content, 'answer 58');
  assert.equal(snapshot.messages[0]?.content, 'prompt 34');
  assert.equal(snapshot.before, `1.${34 * 5}`);
});

test('[R6] a snapshot holds at most 256 KB, whatever its messages are', async () => {
  const snapshot = await snapshotAfter(async (writer) => {
    for (let i = 0; i < 30; i++) await writer.run(`r${i}`, 'p', ['x'.repeat(30_000)]);
  });
  assert.ok(Buffer.byteLength(JSON.stringify(snapshot.messages)) <= 256 * 1024);
  assert.ok(snapshot.messages.length > 10);
  assert.notEqual(snapshot.before, null);
});

test('[R6] a message over 256 KB is left to paging', async () => {
  const snapshot = await snapshotAfter(async (writer) => {
    await writer.run('a', 'p', ['x']);
    await writer.run(
      'big',
      'q',
      Array.from({ length: 10 }, () => 'y'.repeat(60_000)),
    );
    await writer.run('last', 'p', ['x']);
  });
  assert.deepEqual(snapshot.messages, []);
  assert.equal(snapshot.before, '1.7', 'the long one begins there: paging brings it');
});

test('an empty conversation is an empty snapshot', async () => {
  assert.deepEqual(await snapshotAfter(async () => {}), {
    head: null,
    messages: [],
    before: null,
  });
});

test('withdrawn messages are not in a snapshot', async () => {
  const snapshot = await snapshotAfter(async (writer) => {
    await writer.start('a', 'p');
    const event = (chunk: object) => ({ runId: 'a', chunk: JSON.stringify(chunk) });
    await writer.rows([
      event({ type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' }),
      event({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'gone' }),
      event({ type: 'CUSTOM', name: 'withdrawn', value: { messageIds: ['m1'] } }),
    ]);
    await writer.finish('a');
    await writer.run('last', 'p', ['x']);
  });
  assert.doesNotMatch(JSON.stringify(snapshot.messages), /gone/);
});
