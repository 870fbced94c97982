import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Row } from '../../src/store/store.ts';
import { snapshotOf } from '../../src/transport/snapshot.ts';
import { type Writer, writerOf } from '../support/rows.ts';

async function rowsAfter(write: (writer: Writer) => Promise<void>): Promise<readonly Row[]> {
  const store = new MemoryStore();
  await write(await writerOf(store, 'alice', 't'));
  const page = await store.read('alice/t', null, 1_000_000);
  return page.valid ? page.rows : [];
}

test('[R6] runs before the last are messages; the last follows as frames', async () => {
  const rows = await rowsAfter(async (writer) => {
    await writer.run('a', 'first', ['1', '2']);
    await writer.run('b', 'second', ['3']);
    await writer.run('c', 'third', ['4']);
  });
  const { head, frame } = snapshotOf(rows);
  assert.deepEqual(
    frame.messages.map(({ role, content }) => [role, content]),
    [
      ['user', 'first'],
      ['assistant', '12'],
      ['user', 'second'],
      ['assistant', '3'],
    ],
  );
  assert.equal(frame.head, '1.11');
  assert.equal(head?.seq, 11);
  assert.equal(frame.before, null);
});

test('[R6] the last run brings the runs it goes on from', async () => {
  const rows = await rowsAfter(async (writer) => {
    await writer.run('a', 'first', ['1']);
    await writer.start('b', 'second');
    await writer.finish('b');
    await writer.start('c', 'answer', 'b');
    await writer.finish('c');
  });
  assert.equal(snapshotOf(rows).frame.head, '1.5');
});

test('[R6] a snapshot holds at most 50 messages, and says where the rest ends', async () => {
  const rows = await rowsAfter(async (writer) => {
    for (let i = 0; i < 60; i++) await writer.run(`r${i}`, `prompt ${i}`, [`answer ${i}`]);
  });
  const { frame } = snapshotOf(rows);
  assert.equal(frame.messages.length, 50);
  assert.equal(frame.messages.at(-1)?.content, 'answer 58');
  assert.equal(frame.messages[0]?.content, 'prompt 34');
  assert.equal(frame.before, `1.${34 * 5}`);
});

test('[R6] a snapshot holds at most 256 KB, whatever its messages are', async () => {
  const rows = await rowsAfter(async (writer) => {
    for (let i = 0; i < 30; i++) await writer.run(`r${i}`, 'p', ['x'.repeat(30_000)]);
  });
  const { frame } = snapshotOf(rows);
  assert.ok(Buffer.byteLength(JSON.stringify(frame.messages)) <= 256 * 1024);
  assert.ok(frame.messages.length > 10);
  assert.notEqual(frame.before, null);
});

test('[R6] one message over 256 KB does not empty the snapshot', async () => {
  // Its bytes end the loop before anything is taken: the client sees no history, and `before` names its end.
  const rows = await rowsAfter(async (writer) => {
    await writer.run('a', 'p', ['x']);
    await writer.run(
      'big',
      'q',
      Array.from({ length: 10 }, () => 'y'.repeat(60_000)),
    );
    await writer.run('last', 'p', ['x']);
  });
  const { frame } = snapshotOf(rows);
  const shown = frame.messages.length > 0;
  assert.ok(shown || frame.before === frame.head, JSON.stringify(frame).slice(0, 200));
});

test('an empty conversation is an empty snapshot', () => {
  assert.deepEqual(snapshotOf([]), {
    head: null,
    frame: { type: 'reset', head: null, messages: [], before: null },
  });
});

test('withdrawn messages are not in a snapshot', async () => {
  const rows = await rowsAfter(async (writer) => {
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
  assert.doesNotMatch(JSON.stringify(snapshotOf(rows).frame.messages), /gone/);
});
