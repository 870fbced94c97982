import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../../src/store/postgres/database.ts';
import { NoticeBoard } from '../../../src/store/postgres/notices.ts';
import { forgetExpiredSignIns, PostgresSignIns } from '../../../src/store/postgres/sign-ins.ts';
import { pools } from '../../support/postgres-database.ts';

const signIn = (idHash: string, user: string, usedAt = 1) => ({
  ...{ idHash, user, createdAt: 1, usedAt, expiresAt: 100, maxAt: 200, device: 'a\0b' },
});

const of = (db: Database, told: unknown[] = []) =>
  new PostgresSignIns({ db, board: new NoticeBoard((notice) => told.push(notice)) });

const revoked = async (db: Database) =>
  (await db.all<{ id_hash: string }>('SELECT id_hash FROM revocations ORDER BY id_hash')).map(
    ({ id_hash }) => id_hash,
  );

test('[R33] a sign-in is known to every server until it ends, as it was', async () => {
  const [first, second] = await pools(2);
  assert.ok(second);
  await of(first).putSignIn(signIn('a', 'u'));
  assert.deepEqual(await of(second).getSignIn('a', 99), signIn('a', 'u'));
  assert.equal(await of(second).getSignIn('a', 100), null);
  const told: unknown[] = [];
  assert.equal(await of(second, told).extendSignIn('a', 150, 50), true);
  assert.deepEqual(told, [['extended', 'a', 150]]);
  assert.equal((await of(first).getSignIn('a', 149))?.usedAt, 50);
  await of(first).putSignIn(signIn('b', 'u', 50));
  await of(first).putSignIn(signIn('c', 'v', 60));
  const ids = (await of(second).signInsOf('u', 99)).map(({ idHash }) => idHash);
  assert.deepEqual(ids, ['a', 'b']);
  assert.deepEqual((await of(first).signedIn(99)).sort(), ['u', 'v']);
});

test('[R33] a revocation is told to others, and kept for those who did not hear it', async () => {
  const [first, second] = await pools(2);
  assert.ok(second);
  const told: unknown[] = [];
  const mine = of(first, told);
  const here: string[] = [];
  mine.onRevoked((idHash) => here.push(idHash));
  for (const [id, user] of [
    ['a', 'u'],
    ['b', 'u'],
    ['c', 'v'],
    ['d', 'v'],
  ] as const)
    await of(second).putSignIn(signIn(id, user));
  assert.equal(await mine.revokeSignIn('a', 'v'), false, 'it is another’s');
  assert.deepEqual([here, told, await revoked(second)], [[], [], []]);
  assert.equal(await mine.revokeSignIn('a', 'u'), true);
  assert.equal(await mine.revokeSignIn('c', null), true);
  assert.equal(await mine.revokeSignIn('c', null), false);
  await mine.revokeUser('u');
  assert.deepEqual(here, ['a', 'c', 'b']);
  assert.deepEqual(
    told,
    here.map((id) => ['revoked', id]),
  );
  assert.deepEqual(await revoked(second), ['a', 'b', 'c']);
  assert.equal(await of(second).extendSignIn('a', 150, 50), false);
  assert.notEqual(await of(second).getSignIn('d', 50), null);
});

test('what has ended is forgotten, and a revocation after an hour', async () => {
  const [db] = await pools(1);
  await of(db).putSignIn(signIn('a', 'u'));
  await of(db).putSignIn({ ...signIn('b', 'u'), expiresAt: 101 });
  await db.run(
    `INSERT INTO revocations VALUES ('old', clock_timestamp() - interval '61 minutes'),
       ('young', clock_timestamp() - interval '59 minutes')`,
  );
  await forgetExpiredSignIns(db, 100);
  assert.deepEqual(await revoked(db), ['young']);
  const left = await db.all('SELECT id_hash FROM sign_ins');
  assert.deepEqual(left, [{ id_hash: 'b' }]);
});
