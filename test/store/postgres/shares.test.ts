import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../../src/store/postgres/database.ts';
import { PostgresShares } from '../../../src/store/postgres/shares.ts';
import { READERS_MAX } from '../../../src/store/shares.ts';
import { pools, untilWaiting } from '../../support/postgres-database.ts';

const KEY = 'amy/t';
const share = (idHash: string) => ({ idHash, key: KEY, createdAt: 1, expiresAt: 100 }) as const;

async function shared(count: number): Promise<[PostgresShares[], Database]> {
  const dbs = await pools(count);
  await dbs[0].run(
    `INSERT INTO conversations (key, user_name, session_id, prompted, title_json, created_at, updated_at)
     VALUES ($1, 'amy', 's', true, $2, 1, 1)`,
    ...[KEY, JSON.stringify('a\0b')],
  );
  return [dbs.map((db) => new PostgresShares({ db })), dbs[0]];
}

test('[LK1] a share made on one server is known on another, by its title as it was', async () => {
  const [[first, second]] = await shared(2);
  assert.equal(await first?.putShare(share('h')), true);
  assert.deepEqual(await second?.share('h', 99), { ...share('h'), title: 'a\0b' });
  assert.equal(await second?.revokeShare(KEY, 99), true);
  assert.equal(await first?.share('h', 99), null);
});

test('[LK1] of shares that several servers make at once, one is left', async () => {
  const [all, db] = await shared(3);
  assert.deepEqual(await Promise.all(all.map((one, i) => one.putShare(share(`h${i}`)))), [
    ...[true, true, true],
  ]);
  assert.equal((await db.get('SELECT count(*) AS n FROM shares'))?.n, 1);
});

test('[LK1] what is deleted while it is being shared is not shared, also where it is restored', async () => {
  const [[first], db] = await shared(2);
  const put = await db.transaction(async (sql) => {
    await sql.run('UPDATE conversations SET deleted_at = 5 WHERE key = $1', KEY);
    const waits = first?.putShare(share('h'));
    await untilWaiting(db);
    return { waits };
  });
  assert.equal(await put.waits, false);
  await db.run('UPDATE conversations SET deleted_at = NULL WHERE key = $1', KEY);
  assert.equal(await first?.share('h', 99), null);
});

test('[LK1] readers who come at once, from several servers, are counted exactly', async () => {
  const [all, db] = await shared(2);
  await all[0]?.putShare(share('h'));
  const came = Array.from({ length: READERS_MAX + 10 }, (_, i) =>
    all[i % 2]?.noteReader('h', `u${i}`, i),
  );
  await Promise.all(came);
  assert.equal((await db.get('SELECT count(*) AS n FROM share_readers'))?.n, READERS_MAX);
  const [last] = (await all[1]?.readersOf(KEY)) ?? [];
  await all[0]?.noteReader('h', last?.user ?? '', 500);
  assert.deepEqual((await all[1]?.readersOf(KEY))?.[0], { ...last, lastAt: 500 });
});
