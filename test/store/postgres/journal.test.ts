/** The journal that nodes share: who may append, and what is there when an answer was lost. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { FaultError } from '../../../src/faults.ts';
import { HeldElsewhere } from '../../../src/store/cluster.ts';
import type { ConversationKey, NewRow } from '../../../src/store/store.ts';
import { HeldReplies } from '../../support/held-replies.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { said, TestNode } from '../../support/postgres-node.ts';

const open = new Set<{ close(): unknown }>();
afterEach(async () => {
  for (const one of open) await one.close();
  open.clear();
});

const database = async () => (await sharedPostgres()).database();
async function joined(url: string, name: string): Promise<TestNode> {
  const node = await TestNode.join(url, `${name}-${randomUUID().slice(0, 8)}`);
  open.add(node);
  return node;
}

const KEY: ConversationKey = 'amy/t';
const isVoid = (error: unknown) =>
  error instanceof FaultError && error.code === 'store.unavailable';

async function chunksOf({ journal }: TestNode, key = KEY): Promise<string[]> {
  const page = await journal.read(key, null, 1_000);
  assert.ok(page.valid);
  assert.ok(page.rows.every(({ seq }, i) => seq === i + 1));
  return page.rows.map(({ chunk }) => JSON.parse(chunk) as string);
}

const started = (runId: string): NewRow => ({
  runId,
  chunk: JSON.stringify({ type: 'RUN_STARTED', threadId: 't', runId }),
  marks: 'runStarted',
});

test('[R16] what a living node has is not another’s; given up, it is', async () => {
  const url = await database();
  const [a, b] = [await joined(url, 'a'), await joined(url, 'b')];
  const lease = await a.journal.acquire(KEY);
  await assert.rejects(
    b.journal.acquire(KEY),
    (error) => error instanceof HeldElsewhere && error.node === a.node,
  );
  await a.journal.append(lease, said('1'));
  await a.journal.release(lease);
  await assert.rejects(a.journal.append(lease, said('late')), isVoid);
  const next = await b.journal.acquire(KEY);
  assert.ok(next.term > lease.term);
  assert.deepEqual(next.head, { term: lease.term, seq: 1 });
  await a.journal.release(lease); // void already: left as it is
  await b.journal.append(next, said('2'));
  assert.deepEqual(await chunksOf(a), ['1', '2']);
});

test('[R17] [R18] once its time is over a node’s conversations are another’s, and it appends nothing more', async () => {
  const url = await database();
  const [a, b] = [await joined(url, 'a'), await joined(url, 'b')];
  const lease = await a.journal.acquire(KEY);
  await a.journal.append(lease, said('1'));
  await a.expire();
  await a.journal.append(lease, said('2')); // nobody has taken it yet
  const next = await b.journal.acquire(KEY);
  assert.deepEqual(next.head?.seq, 2);
  await assert.rejects(a.journal.append(lease, said('zombie')), isVoid);
  await assert.rejects(a.journal.append(lease, [started('zombie')]), isVoid);
  await assert.rejects(a.journal.acquire('amy/other'), isVoid, 'a dead node takes nothing');
  await b.journal.append(next, said('3'));
  await a.rejoin(`again-${a.node}`);
  await assert.rejects(a.journal.acquire(KEY), HeldElsewhere);
  assert.deepEqual(await chunksOf(a), ['1', '2', '3']);
  assert.equal(await a.prompts.run('amy', 'zombie'), null, 'nor what came with it');
});

test('[R17] a node whose own time is over appends nothing, though nobody has taken what it has', async () => {
  const url = await database();
  const a = await joined(url, 'a');
  const lease = await a.journal.acquire(KEY);
  a.until = performance.now();
  await assert.rejects(a.journal.append(lease, said('late')), isVoid);
  a.until = Number.POSITIVE_INFINITY;
  await a.rejoin(`again-${a.node}`);
  await assert.rejects(a.journal.append(lease, said('of another life')), isVoid);
  assert.deepEqual(await chunksOf(a), []);
});

test('[R16] of many who take a dead node’s conversation at once one has it', async () => {
  const url = await database();
  const a = await joined(url, 'a');
  await a.journal.acquire(KEY);
  await a.expire();
  const others = await Promise.all(['b', 'c', 'd'].map((name) => joined(url, name)));
  const tries = await Promise.allSettled(others.map(({ journal }) => journal.acquire(KEY)));
  const won = tries.filter(({ status }) => status === 'fulfilled');
  const reasons = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  assert.equal(won.length, 1);
  assert.ok(reasons.every((reason) => reason instanceof HeldElsewhere));
});

test('[R3] terms never come twice, also where the database forgot the last ones', async () => {
  const url = await database();
  const a = await joined(url, 'a');
  const before = await a.journal.acquire(KEY);
  const again = await a.journal.acquire(KEY);
  assert.equal(again.term, before.term + 1);
  await assert.rejects(a.journal.append(before, said('old')), isVoid);
  // A backup of yesterday was restored.
  await a.db.run('UPDATE places SET term = 5');
  const clock = await a.db.get<{ s: number }>('SELECT extract(epoch FROM clock_timestamp()) AS s');
  const after = await a.journal.acquire(KEY);
  assert.ok(after.term > before.term - 1 && after.term >= Math.floor(Number(clock?.s)));
});

test('[R3] an append whose connection breaks before it is committed is there once', async () => {
  const url = await database();
  const [a, b] = [await joined(url, 'a'), await joined(url, 'b')];
  const lease = await a.journal.acquire(KEY);
  await a.journal.append(lease, said('1'));
  for (const [rows, last] of [
    [said('2', '3'), '3'],
    [[started('run')], 'run'],
  ] as const) {
    let appended = Promise.resolve();
    await b.db.transaction(async (sql) => {
      await sql.run('SELECT 1 FROM places FOR UPDATE');
      appended = a.journal.append(lease, rows);
      await terminateWaiting(b, a.node);
    });
    await appended;
    const found = await a.journal.read(KEY, null, 100);
    assert.ok(found.valid && found.rows.at(-1)?.chunk.includes(last));
  }
  const page = await a.journal.read(KEY, null, 100);
  assert.ok(page.valid);
  assert.deepEqual(
    page.rows.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.equal((await a.prompts.run('amy', 'run'))?.started, true);
});

test('[R7] [R10] a run that has begun does not begin again, whoever hands it on, and nothing of that is kept', async () => {
  const url = await database();
  const a = await joined(url, 'a');
  const lease = await a.journal.acquire(KEY);
  await a.journal.append(lease, [started('run')]);
  await assert.rejects(
    a.journal.append(lease, [...said('before'), started('run')]),
    /does not begin again/,
  );
  await a.journal.append(lease, said('after'));
  const page = await a.journal.read(KEY, null, 100);
  assert.ok(page.valid);
  assert.deepEqual(
    page.rows.map(({ seq, chunk }) => [seq, JSON.parse(chunk).type ?? JSON.parse(chunk)]),
    [
      [1, 'RUN_STARTED'],
      [2, 'after'],
    ],
  );
});

test('[R18] [R21] a conversation is given up though the connection breaks, and what was open in it has ended', async () => {
  const url = await database();
  const [a, b] = [await joined(url, 'a'), await joined(url, 'b')];
  const lease = await a.journal.acquire(KEY);
  await a.journal.append(lease, [started('run')]);
  let released = Promise.resolve();
  await b.db.transaction(async (sql) => {
    await sql.run('SELECT 1 FROM places FOR UPDATE');
    released = a.journal.release(lease);
    await terminateWaiting(b, a.node);
  });
  await released;
  assert.equal((await b.prompts.run('amy', 'run'))?.ended, true);
  assert.ok(await b.journal.acquire(KEY), 'it is anybody’s');
});

test('[R3] an append that was committed, and whose answer was lost, is there once', async () => {
  const url = await database();
  const way = await HeldReplies.before(url);
  const b = await joined(url, 'b');
  const a = await joined(way.url, 'a');
  open.add(way);
  const lease = await a.journal.acquire(KEY);
  const heard: (number | undefined)[] = [];
  a.journal.tail(KEY, (rows) => heard.push(rows?.length));
  for (const rows of [said('1', '2'), [started('run')]]) {
    const before = (await b.journal.head(KEY)).head?.seq ?? 0;
    way.held = true;
    const appended = a.journal.append(lease, rows);
    if (rows.length === 1) way.held = false; // a transaction needs answers on its way
    while (rows.length > 1 && ((await b.journal.head(KEY)).head?.seq ?? 0) === before);
    way.cut();
    await appended;
  }
  await a.journal.append(lease, said('3'));
  const page = await b.journal.read(KEY, null, 100);
  assert.ok(page.valid);
  assert.deepEqual(
    page.rows.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.deepEqual(heard, [2, 1, 1]);
});

test('[R20] an append that cannot be made ends with this node’s lease', async () => {
  const way = await HeldReplies.before(await database());
  const a = await joined(way.url, 'a');
  const lease = await a.journal.acquire(KEY);
  way.held = true;
  const appended = a.journal.append(lease, said('1'));
  a.until = performance.now();
  way.close();
  await assert.rejects(appended, isVoid);
  await assert.rejects(a.journal.append(lease, said('2')), isVoid);
});

test('[R3] what cannot be kept takes nothing of another conversation with it', async () => {
  const a = await joined(await database(), 'a');
  const [one, two] = [await a.journal.acquire('amy/1'), await a.journal.acquire('amy/2')];
  await a.db.run("ALTER TABLE journal ADD CHECK (chunk NOT LIKE '%bad%')");
  // The first few go alone; these wait together.
  const settled = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => [
      a.journal.append(one, said(`good ${i}`)),
      a.journal.append(two, said(i === 30 ? 'bad' : `also ${i}`)),
    ]).flat(),
  );
  assert.ok(settled.some(({ status }) => status === 'rejected'));
  const kept = settled.filter(({ status }) => status === 'fulfilled').length;
  const [first, second] = [await chunksOf(a, 'amy/1'), await chunksOf(a, 'amy/2')];
  assert.equal(first.length, 40);
  assert.equal(first.length + second.length, kept);
});

test('[R22] other nodes are told of rows only where one of them watches', async () => {
  const a = await joined(await database(), 'a');
  const lease = await a.journal.acquire(KEY);
  await a.journal.append(lease, said('1'));
  assert.deepEqual(a.told, []);
  await a.db.run("INSERT INTO watches SELECT conversation, 'elsewhere' FROM places");
  await a.journal.append(lease, said('2'));
  await a.journal.append(lease, [started('r')]);
  assert.deepEqual(a.told, [KEY, KEY]);
});

/** Ends the connection of a node on which a statement waits for a lock, once there is one. */
async function terminateWaiting(by: TestNode, node: string): Promise<void> {
  for (;;) {
    const ended = await by.db.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = $1 AND wait_event_type = 'Lock'`,
      node,
    );
    if (ended > 0) return;
  }
}
