/** A standby takes over that had not heard of the last rows: what was there for a while is not taken for what follows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../../src/store/store.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { freshDatabase, PostgresServer, started } from '../../support/postgres-servers.ts';

const rows = (...texts: string[]) =>
  texts.map((text) => ({ runId: 'r', chunk: JSON.stringify(text) }));

test('[R5] [R17] after a failover that lost rows their cursors are not valid, and nothing is appended behind them', async () => {
  const postgres = await sharedPostgres();
  const primary = await freshDatabase();
  const a = await PostgresServer.start(primary, 'a');
  const b = await PostgresServer.start(primary, 'b');
  const key = 'amy/t';
  const lease = await a.store.acquire(key);
  await a.store.append(lease, [started('r'), ...rows('1', '2')]);

  const standby = `${primary}_standby`;
  await whileClosed(primary, () =>
    postgres.query(`CREATE DATABASE ${standby} TEMPLATE ${primary}`),
  );
  await a.store.append(lease, rows('3', '4'));
  const before = await read(b);
  assert.deepEqual(
    before.map(({ seq }) => seq),
    [1, 2, 3, 4, 5],
  );
  await whileClosed(primary, async () => {
    await postgres.query(`ALTER DATABASE ${primary} RENAME TO ${primary}_lost`);
    await postgres.query(`ALTER DATABASE ${standby} RENAME TO ${primary}`);
  });

  const cursor = before.at(-1) as Row;
  const [kept] = before.slice(2);
  assert.equal((await b.store.read(key, cursor, 100)).valid, false, 'ahead of the head');
  assert.equal((await b.store.read(key, kept as Row, 100)).valid, true);
  await assert.rejects(a.store.append(lease, rows('5')), { code: 'store.unavailable' });
  const next = await a.store.acquire(key);
  assert.ok(next.term > lease.term);
  assert.deepEqual(next.head, { term: next.term, seq: 4 }, 'its run was cut off, and is ended');
  await a.store.append(next, rows('another 3', 'another 4'));
  const after = await read(b);
  assert.deepEqual(after.slice(0, 3), before.slice(0, 3));
  assert.deepEqual(
    after.slice(3).map(({ term, seq }) => [term === next.term, seq]),
    [
      [true, 4],
      [true, 5],
      [true, 6],
    ],
  );
  assert.equal((await b.store.read(key, cursor, 100)).valid, false, 'another row stands there');

  async function read({ store }: PostgresServer): Promise<readonly Row[]> {
    const page = await store.read(key, null, 100);
    assert.ok(page.valid);
    return page.rows;
  }

  /** No server is connected meanwhile; each comes back by itself. */
  async function whileClosed(name: string, work: () => Promise<unknown>): Promise<void> {
    await postgres.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await postgres.query(
      `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
    await work();
    for (const closed of [name, `${name}_lost`])
      await postgres.query(
        `UPDATE pg_database SET datallowconn = true WHERE datname = '${closed}'`,
      );
  }
});
