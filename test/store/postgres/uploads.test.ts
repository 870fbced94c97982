import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../../src/store/postgres/database.ts';
import {
  forgetUnnamedUploads,
  forgetUploads,
  nameUploads,
  PostgresUploads,
  refusal,
  withdrawUploads,
} from '../../../src/store/postgres/uploads.ts';
import { UNNAMED_BYTES_MAX, UNNAMED_MS } from '../../../src/store/uploads.ts';
import { pools, untilWaiting } from '../../support/postgres-database.ts';

const NOW = 1_000;
const image = (id: string, bytes = 3) => ({ id, type: 'image/png', bytes: Buffer.alloc(bytes, 1) });
const of = (db: Database) => new PostgresUploads({ db, now: () => NOW });

const named = (db: Database, conversation: number, id: string) =>
  db.transaction(async (sql) => {
    assert.equal(await refusal(sql, 'u', [id]), null);
    await nameUploads(sql, 'u', `r${conversation}`, conversation, [id]);
  });

test('however many servers take images of one user at once, no more wait than may', async () => {
  const dbs = await pools(3);
  const bytes = UNNAMED_BYTES_MAX / 4;
  const puts = Array.from({ length: 9 }, (_, i) =>
    of(dbs[i % 3] as Database).putUpload('u', image(`i${i}`, bytes)),
  );
  assert.equal((await Promise.all(puts)).filter(Boolean).length, 4);
});

test('the same image that several servers take at once is kept once', async () => {
  const dbs = await pools(3);
  const puts = dbs.map((db) => of(db).putUpload('u', image('same')));
  assert.deepEqual(await Promise.all(puts), [true, true, true]);
  assert.equal((await dbs[0].get('SELECT count(*) AS n FROM uploads'))?.n, 1);
});

/** Both conversations that named an image let go of it at once. */
for (const [how, letGo] of [
  [
    'withdrawn',
    (db: Database, id: number) =>
      db.transaction((sql) => withdrawUploads(sql, 'u', `r${id}`, id, 7)),
  ],
  ['forgotten', (db: Database, id: number) => db.transaction((sql) => forgetUploads(sql, id))],
] as const)
  test(`an image whose two prompts are ${how} at once stays with neither`, async () => {
    const [first, second] = await pools(2);
    assert.ok(second);
    await of(first).putUpload('u', image('i'));
    await named(first, 1, 'i');
    await named(second, 2, 'i');
    const held = await first.transaction(async (sql) => {
      await sql.run('SELECT 1 FROM uploads FOR UPDATE');
      const both = Promise.all([letGo(first, 1), letGo(second, 2)]);
      await untilWaiting(first, 2);
      return { both };
    });
    await held.both;
    assert.equal((await first.get('SELECT count(*) AS n FROM upload_uses'))?.n, 0);
    const row = await first.get('SELECT unnamed_since FROM uploads');
    assert.deepEqual(row, how === 'withdrawn' ? { unnamed_since: 7 } : undefined);
  });

test('an image that a prompt is about to name is not forgotten, however old it is', async () => {
  const [first, second] = await pools(2);
  assert.ok(second);
  await of(first).putUpload('u', image('i'));
  await of(first).putUpload('u', image('other'));
  const later = NOW + UNNAMED_MS + 1;
  await first.transaction(async (sql) => {
    assert.equal(await refusal(sql, 'u', ['i', 'i']), null);
    assert.equal(await forgetUnnamedUploads(second, later), true);
    assert.equal(
      await forgetUnnamedUploads(second, later),
      false,
      'the one that is left is locked',
    );
    await nameUploads(sql, 'u', 'r', 1, ['i']);
  });
  assert.equal(await forgetUnnamedUploads(second, later), false);
  assert.deepEqual([...((await of(second).upload('u', 'i'))?.bytes ?? [])], [1, 1, 1]);
  assert.equal(await of(second).upload('u', 'other'), null);
});

test('[R55] what is not there, is another user’s, or is too much together, may not be named', async () => {
  const [db] = await pools(1);
  const half = UNNAMED_BYTES_MAX / 2;
  await of(db).putUpload('u', image('i', half));
  assert.equal(await refusal(db, 'v', ['i']), 'upload.unknown');
  assert.equal(await refusal(db, 'u', ['i', 'j']), 'upload.unknown');
  assert.equal(await refusal(db, 'u', ['i', 'i']), null);
  assert.equal(await refusal(db, 'u', ['i', 'i', 'i']), 'prompt.tooManyImages');
});
