/** A disk that fills up under the real server, and under its store, and has room again: no restart in between. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { FaultError } from '../../src/faults.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import { DatabaseThread } from '../../src/store/sqlite/thread.ts';
import type { Row } from '../../src/store/store.ts';
import { TestClient } from '../support/client.ts';
import { ServedProcess } from '../support/served-process.ts';
import { isMissing, limitedDisk, type SmallDisk, tmpfsDisk } from '../support/small-disk.ts';

const DISKS: Readonly<Record<string, () => SmallDisk>> = {
  'a full file system': tmpfsDisk,
  'a limit on file sizes': limitedDisk,
};
const missing = Object.fromEntries(
  Object.entries(DISKS).map(([name, make]) => [name, isMissing(make)]),
);

test('at least one kind of full disk can be had', () => {
  const none = Object.values(missing).every((why) => why !== null);
  assert.ok(!none || process.env.CI !== 'true', JSON.stringify(missing));
});

for (const [name, make] of Object.entries(DISKS)) {
  describe(name, { skip: missing[name] ?? false, timeout: 60_000 }, () => {
    const disk = missing[name] === null ? make() : null;
    if (disk === null) return;
    after(() => {
      ServedProcess.endAll();
      disk.remove();
    });

    test('[R15] [R3] [FU1] [FU2] prompts are refused, reading works, a live run goes on when there is room, and nothing is lost or damaged', async () => {
      const server = await ServedProcess.start(disk.dir, { CHAT_LOG_LEVEL: 'warn' });
      const cookie = await server.cookieFor('alice');
      const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
      const [client, other] = [await open(), await open()];
      const thread = await client.hello();
      const elsewhere = await other.hello();
      const run = client.prompt(thread, 'show markdown');
      await client.event('TEXT_MESSAGE_CONTENT');

      disk.fill(server.pid);
      await server.logged('the journal waits for room');
      const refusedRun = other.prompt(elsewhere, 'error');
      const refusal = await other.find((frame) => 'type' in frame && frame.type === 'RUN_ERROR');
      assert.ok('code' in refusal && refusal.code === 'store.full');
      const reader = await open();
      await reader.hello(thread);
      assert.deepEqual(reader.kept, client.kept);
      const resumed = await open();
      await resumed.hello(thread, client.kept[1]?.id ?? null);
      assert.deepEqual(resumed.kept, client.kept.slice(2));
      const me = await fetch(`${server.origin}/chat/api/me`, { headers: { cookie } });
      assert.equal(me.status, 200);
      const ready = await fetch(`${server.origin}/readyz`);
      assert.equal(ready.status, 200);
      assert.equal(((await ready.json()) as { store: string }).store, disk.readyzSays);
      assert.ok(!client.events.some(({ type }) => type === 'RUN_FINISHED'));

      disk.free(server.pid);
      assert.equal((await client.runEnded(run)).type, 'RUN_FINISHED');
      assert.ok(client.text.startsWith('# A short tour'));
      assert.ok(client.text.endsWith('That is all of it.\n'));
      other.prompt(elsewhere, 'error', refusedRun);
      await other.event('RUN_STARTED');
      await reader.runEnded(run);
      assert.deepEqual(reader.kept, client.kept);
      const seqs = client.kept.map(({ id }) => Number(id.split('.')[1]));
      assert.deepEqual(
        seqs,
        Array.from({ length: seqs.length }, (_, i) => i + 1),
      );
      assert.equal(await server.end('SIGTERM'), 0);
      assert.equal(integrity(join(disk.dir, 'greenroom.db')), 'ok');
    });

    test('[R15] [R3] a store whose log and whose file both find no room keeps what it said it kept, and goes on', async () => {
      const file = join(disk.dir, 'greenroom.db.alone');
      const store = new SqliteStore(new DatabaseThread(file));
      const lease = await store.acquire('amy/t');
      let kept = 0;
      for (let round = 0; round < 3; round++) {
        // More than the log holds before it is written back, so that this finds no room as well.
        disk.fill(process.pid, 9 * 1024 * 1024);
        const append = () => {
          const chunk = JSON.stringify(String(kept).padEnd(60_000, 'x'));
          return store.append(lease, [{ runId: 'r', chunk }], 'batch').then(() => null, faultIn);
        };
        let fault = await append();
        for (; fault === null; fault = await append()) kept += 1;
        assert.equal(fault, 'store.full');
        assert.equal(await seqsOf(store), kept);
        disk.free(process.pid);
        assert.equal(await append(), null);
        kept += 1;
      }
      assert.ok(kept > 200, `${kept} rows of 60 kB`);
      await store.close();
      assert.equal(integrity(file), 'ok');
      const again = new SqliteStore(new DatabaseThread(file));
      assert.equal(await seqsOf(again), kept);
      await again.close();
    });
  });
}

function faultIn(error: unknown): string {
  return error instanceof FaultError ? error.code : String(error);
}

/** Reads all of it, and returns how many rows there are: 1, 2, 3 … each with what was written there. */
async function seqsOf(store: SqliteStore): Promise<number> {
  const rows: Row[] = [];
  for (;;) {
    const page = await store.read('amy/t', rows.at(-1) ?? null, 50);
    assert.ok(page.valid);
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
  }
  for (const [i, { seq, chunk }] of rows.entries()) {
    assert.equal(seq, i + 1);
    assert.ok(chunk.startsWith(`"${i}x`), `row ${seq}`);
  }
  return rows.length;
}

function integrity(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: false });
  const { integrity_check: found } = db.prepare('PRAGMA integrity_check').get() ?? {};
  db.close();
  return found;
}
