/** What becomes of the work of a node that goes, where others look after it at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldElsewhere } from '../../../src/store/cluster.ts';
import type { SqlValue } from '../../../src/store/postgres/database.ts';
import { endOneCutOff } from '../../../src/store/postgres/ownership.ts';
import type { ConversationKey, RunRecord } from '../../../src/store/store.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { pool } from '../../support/postgres-database.ts';
import { freshDatabase, PostgresServer, started } from '../../support/postgres-servers.ts';

const prompt = (runId: string) => ({ runId, digest: 'd', text: 'hello' });
const ids = (runs: readonly RunRecord[]) => runs.map(({ runId }) => runId).toSorted();

async function servers<const Names extends string[]>(...names: Names) {
  const database = await freshDatabase();
  const all = names.map((name) => PostgresServer.start(database, name));
  return { database, all: (await Promise.all(all)) as { [I in keyof Names]: PostgresServer } };
}

async function chunksIn({ store }: PostgresServer, key: ConversationKey) {
  const page = await store.read(key, null, 1_000);
  assert.ok(page.valid);
  return page.rows.map(({ chunk }) => JSON.parse(chunk) as { type: string; outcome?: unknown });
}

test('[R10] [R16] a dead node’s runs and questions are ended once, and each of its prompts is one node’s, however many look', async () => {
  const { all } = await servers('a', 'b', 'c');
  const [a, b, c] = all;
  const keys = Array.from({ length: 8 }, (_, i): ConversationKey => `amy/${i}`);
  for (const [i, key] of keys.entries()) {
    await a.store.accept(key, prompt(`waits-${i}`));
    const lease = await a.store.acquire(key);
    const asks = { outcome: { type: 'interrupt', interrupts: [] } };
    const chunk = JSON.stringify({
      type: 'RUN_FINISHED',
      threadId: 't',
      runId: `run-${i}`,
      ...asks,
    });
    const rows = [started(`run-${i}`), { runId: `run-${i}`, chunk, marks: 'runEnded' as const }];
    await a.store.append(lease, i % 2 === 0 ? rows : rows.slice(0, 1));
  }
  assert.deepEqual(await b.store.waiting(), [], 'it lives');
  await a.die();
  const found = await Promise.all([b, c, b, c].map(({ store }) => store.waiting()));
  assert.deepEqual(
    ids(found.flat()),
    keys.map((_, i) => `waits-${i}`),
  );
  for (const [i, key] of keys.entries()) {
    const types = (await chunksIn(b, key)).map(({ type }) => type);
    const question = ['RUN_STARTED', 'RUN_FINISHED', 'RUN_STARTED', 'RUN_ERROR'];
    assert.deepEqual(types, i % 2 === 0 ? question : ['RUN_STARTED', 'RUN_ERROR']);
    await (i % 3 === 0 ? b : c).store.acquire(key);
  }
});

test('[R23] prompts of a node that drains stay its own until it gives their conversation up', async () => {
  const { all } = await servers('a', 'b');
  const [a, b] = all;
  const [running, idle] = ['amy/running', 'amy/idle'] as const;
  for (const key of [running, idle]) await a.store.accept(key, prompt(`in-${key.slice(4)}`));
  const lease = await a.store.acquire(running);
  assert.deepEqual(await b.store.waiting(), []);
  await a.store.cluster.leave();
  assert.deepEqual(ids(await b.store.waiting()), ['in-idle']);
  assert.deepEqual(await b.store.waiting(), [], 'and once');
  await assert.rejects(b.store.acquire(running), HeldElsewhere);
  await a.store.release(lease);
  assert.deepEqual(await a.store.waiting(), [], 'it takes nothing over');
  assert.deepEqual(ids(await b.store.waiting()), ['in-running']);
  await b.store.acquire(running);
});

test('[R16] a turn that looked cut off, and is a living node’s once it is locked, goes on', async () => {
  const { database, all } = await servers('a', 'b');
  const [a, b] = all;
  const lease = await a.store.acquire('amy/t');
  await a.store.append(lease, [started('r')]);
  const db = await pool((await sharedPostgres()).url(database));
  const taken = await db.transaction((sql) => {
    // The search saw the nodes as they were before this one joined.
    const found = { key: 'amy/t' };
    const get = sql.get.bind(sql);
    sql.get = async <T extends object>(statement: string, ...values: SqlValue[]) =>
      statement.includes('SKIP LOCKED') ? (found as T) : get<T>(statement, ...values);
    return endOneCutOff(sql, b.node, Date.now);
  });
  assert.equal(taken, null);
  await a.store.append(lease, [{ runId: 'r', chunk: '{}' }]);
});
