import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import fc from 'fast-check';
import { conversationKey, type Position, type Row, type Store } from '../../src/store/store.ts';
import { encodeRow, Fanout } from '../../src/transport/fanout.ts';
import { Outbox, UNSENT_BYTES_MAX } from '../../src/transport/outbox.ts';
import { Watcher, type WatcherParts } from '../../src/transport/watcher.ts';
import { WebSocketLine } from '../../src/transport/web-socket-line.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { FakeSocket, payloadOf } from '../support/sockets.ts';

afterEach(() => FakeSocket.endAll());

const KEY = conversationKey('alice', 't');
const idOf = (frame: string) => (JSON.parse(frame) as { id: string }).id;
const idsTo = (count: number) => Array.from({ length: count }, (_, i) => `1.${i + 1}`);

function watch(given: Partial<WatcherParts> & Pick<WatcherParts, 'store' | 'fanout'>) {
  const socket = new FakeSocket();
  let stuck = 0;
  const outbox = new Outbox(new WebSocketLine(socket.asWebSocket, socket.asWire), () => {
    stuck += 1;
  });
  const caughtUp: (Position | null)[] = [];
  const errors: unknown[] = [];
  let invalid = 0;
  const seen: Row[] = [];
  const watcher = new Watcher({
    key: KEY,
    after: null,
    outbox,
    wants: () => true,
    onFact: () => {},
    onCaughtUp: (head) => caughtUp.push(head),
    onInvalid: () => {
      invalid += 1;
    },
    onSent: (row) => seen.push(row),
    onError: (error) => errors.push(error),
    ...given,
  });
  return {
    socket,
    outbox,
    watcher,
    caughtUp,
    errors,
    seen,
    get ids() {
      return socket.sent.map(idOf);
    },
    get stuck() {
      return stuck;
    },
    get invalid() {
      return invalid;
    },
  };
}

test('[R4] no gap and no repeat, whatever the order of appends, reads and drains', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 3 }),
      fc.boolean(),
      fc.constantFrom('rows' as const, 'hint' as const, 'double' as const, 'lost' as const),
      async (scheduler, batches, before, slow, hints) => {
        const inner = memoryStore();
        const writer = await writerOf(inner, 'alice', 't');
        let rows = 0;
        const append = async (count: number) => {
          const from = rows;
          rows += count;
          const big = 'x'.repeat(200_000);
          await writer.say(
            'r',
            'm',
            ...Array.from({ length: count }, (_, i) => `${from + i}${big}`),
          );
        };
        for (let i = 0; i < before; i++) await append(1);
        const store: Pick<Store, 'read' | 'tail'> = {
          read: async (...args) => {
            const result = await inner.read(...args);
            await scheduler.schedule(Promise.resolve(), 'read');
            return result;
          },
          tail: (key, hear) =>
            inner.tail(key, (added) => {
              if (hints === 'lost' && (added?.[0]?.seq ?? 0) % 2 === 0) return;
              hear(hints === 'hint' ? null : added);
              if (hints === 'double') hear(added);
            }),
        };
        const fanout = new Fanout(store);
        const one = watch({ store, fanout });
        one.socket.slow = slow;
        const appends = scheduler.scheduleSequence(
          batches.map((count) => ({ builder: () => append(count), label: 'append' })),
        );
        const drains = scheduler.scheduleSequence(
          Array.from({ length: 6 }, () => ({
            builder: async () => one.socket.drain(),
            label: 'drain',
          })),
        );
        await scheduler.waitFor(Promise.all([appends.task, drains.task]));
        // A lost hint costs until the next one: the last append here is always told.
        if (hints === 'lost') {
          await append(1);
          if (rows % 2 === 0) await append(1);
        }
        for (let i = 0; i < 40 && (one.ids.length < rows || one.caughtUp.length === 0); i++) {
          one.socket.drain();
          await scheduler.waitIdle();
          await settle(2);
        }
        assert.deepEqual(one.ids, idsTo(rows));
        assert.deepEqual(one.errors, []);
        assert.equal(one.caughtUp.length, 1);
        one.socket.slow = false;
        one.socket.drain();
        await append(1);
        if (hints === 'lost' && rows % 2 === 0) await append(1);
        await scheduler.waitIdle();
        await settle(2);
        assert.deepEqual(one.ids, idsTo(rows), 'it ends live');
        one.watcher.close();
      },
    ),
    { seed: 12, numRuns: 150 },
  );
});

test('[R12] a slow socket holds at most 1 MB, and costs a quick one nothing', async () => {
  const store = memoryStore();
  const fanout = new Fanout(store);
  const [slow, quick] = [watch({ store, fanout }), watch({ store, fanout })];
  await settle();
  slow.socket.slow = true;
  const writer = await writerOf(store, 'alice', 't');
  for (let i = 0; i < 100; i++) {
    await writer.say('r', 'm', 'x'.repeat(60_000));
    assert.ok(slow.socket.bufferedAmount <= UNSENT_BYTES_MAX);
    assert.equal(quick.ids.length, i + 1);
  }
  for (let i = 0; i < 100 && slow.ids.length < 100; i++) {
    slow.socket.drain();
    await settle(3);
    assert.ok(slow.socket.bufferedAmount <= UNSENT_BYTES_MAX);
  }
  assert.deepEqual(slow.ids, quick.ids);
});

test('[R4] a socket that follows two conversations repeats nothing when one of them fills it', async () => {
  // Outbox.push sends a frame while it waits to be drained, and says false: the watcher sends it again.
  const store = memoryStore();
  const fanout = new Fanout(store);
  const other = conversationKey('alice', 'u');
  const one = watch({ store, fanout });
  const two = new Watcher({
    key: other,
    after: null,
    store,
    fanout,
    outbox: one.outbox,
    wants: () => true,
    onFact: () => {},
    onCaughtUp: () => {},
    onInvalid: () => {},
    onSent: () => {},
    onError: () => {},
  });
  await settle();
  one.socket.slow = true;
  const first = await writerOf(store, 'alice', 't');
  const second = await writerOf(store, 'alice', 'u');
  for (let i = 0; i < 12; i++) await first.say('r', 'm', 'x'.repeat(100_000));
  await second.say('s', 'm2', 'from the other');
  one.socket.slow = false;
  one.socket.drain();
  await settle();
  const others = one.socket.sent.filter((frame) => frame.includes('from the other'));
  assert.equal(others.length, 1);
  two.close();
});

test('[R49] one that comes back to a long journal gets it page by page, then is live', async () => {
  const store = memoryStore();
  const writer = await writerOf(store, 'alice', 't');
  await writer.say('r', 'm', ...Array.from({ length: 1_000 }, (_, i) => String(i)));
  const one = watch({ store, fanout: new Fanout(store), after: { term: 1, seq: 100 } });
  await settle();
  assert.deepEqual(one.ids, idsTo(1_000).slice(100));
  assert.deepEqual(
    one.caughtUp.map((at) => at?.seq),
    [1_000],
  );
  await writer.say('r', 'm', 'live');
  assert.equal(one.ids.at(-1), '1.1001');
});

test('[R5] a place that is not in the journal is told once', async () => {
  const store = memoryStore();
  const writer = await writerOf(store, 'alice', 't');
  await writer.say('r', 'm', 'x');
  const one = watch({ store, fanout: new Fanout(store), after: { term: 2, seq: 1 } });
  await settle();
  assert.equal(one.invalid, 1);
  assert.deepEqual(one.ids, []);
});

test('[R9] a closed watcher sends nothing more and leaves no subscription', async () => {
  const held = heldStore();
  const fanout = new Fanout(held.store);
  const writer = await writerOf(held.store, 'alice', 't');
  await writer.say('r', 'm', 'x');
  const reads = held.hold('read');
  const one = watch({ store: held.store, fanout });
  await reads.waiting();
  one.watcher.close();
  reads.release();
  await settle();
  await writer.say('r', 'm', 'y');
  assert.deepEqual(one.ids, []);
  assert.deepEqual(one.caughtUp, []);
  assert.equal(held.tails, 0);
});

test('[R9] a socket that is closing does not make its watcher spin', async () => {
  const held = heldStore();
  const writer = await writerOf(held.store, 'alice', 't');
  const one = watch({ store: held.store, fanout: new Fanout(held.store) });
  await settle();
  one.socket.close(4408);
  const reads = held.calls.filter((call) => call === 'read').length;
  for (let i = 0; i < 50; i++) await writer.say('r', 'm', 'x'.repeat(60_000));
  await settle();
  assert.equal(held.calls.filter((call) => call === 'read').length, reads);
  assert.deepEqual(one.ids, []);
});

test('[R20] a read that fails is told, not thrown', async () => {
  const held = heldStore();
  held.fail('read');
  const one = watch({ store: held.store, fanout: new Fanout(held.store) });
  await settle();
  assert.equal(one.errors.length, 1);
});

test('[R12] a member of an audience that throws stops neither the others nor the journal', async () => {
  // Fanout calls its members unguarded: one that throws rejects the append of the conversation itself.
  const store = memoryStore();
  const fanout = new Fanout(store);
  fanout.join(KEY, {
    onRows() {
      throw new Error('a bug in one watcher');
    },
    onFact() {},
  });
  const one = watch({ store, fanout });
  await settle();
  const writer = await writerOf(store, 'alice', 't');
  await assert.doesNotReject(writer.say('r', 'm', 'x'));
  await settle();
  assert.deepEqual(one.ids, ['1.1']);
});

test('live delivery and replay are the same bytes', async () => {
  const store = memoryStore();
  const fanout = new Fanout(store);
  const live = watch({ store, fanout });
  await settle();
  const writer = await writerOf(store, 'alice', 't');
  await writer.rows([
    { runId: 'r', chunk: '{"type":"CUSTOM","name":"ä 💡 \\u2028","value":1.50}' },
  ]);
  const late = watch({ store, fanout });
  await settle();
  assert.deepEqual(late.socket.sent, live.socket.sent);
  assert.equal(
    live.socket.sent[0],
    '{"id":"1.1","chunk":{"type":"CUSTOM","name":"ä 💡 \\u2028","value":1.50}}',
  );
});

test('an encoded frame carries its cursor as id', () => {
  const { frame } = encodeRow({ term: 3, seq: 14, runId: 'r', chunk: '{"type":"CUSTOM"}' });
  assert.equal(String(payloadOf(frame)), '{"id":"3.14","chunk":{"type":"CUSTOM"}}');
});
