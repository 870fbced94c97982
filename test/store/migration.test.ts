/** Data directories of earlier versions, opened by this one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { migrate } from '../../src/store/sqlite/schema.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenroom-migration-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const isPinKnown = (db: DatabaseSync) =>
  db.prepare("SELECT 1 FROM pragma_table_info('conversations') WHERE name = 'pinned'").get() !==
  undefined;

/** The last version that knew no pins, and a file as it left it, with one conversation. */
function beforePins(name: string): string {
  const [file, probe] = [join(dir, name), new DatabaseSync(':memory:')];
  let version = 0;
  do {
    version += 1;
    migrate(probe, version);
  } while (!isPinKnown(probe));
  probe.close();
  const db = new DatabaseSync(file);
  migrate(db, version - 1);
  db.exec(`INSERT INTO conversations (key, user, session_id, created_at, updated_at, title, prompted)
    VALUES ('ada/t1', 'ada', 'e8b1', 1000, 2000, 'An old plan', 1)`);
  db.close();
  return file;
}

test('[HI9] a conversation from before there were pins is there, not pinned, and can be', () => {
  const file = beforePins('pins.db');
  const first = openDatabase(file, () => 3_000);
  const found = first.list('ada', null, 10).found;
  assert.deepEqual(
    found.map(({ title, pinned, updatedAt }) => [title, pinned, updatedAt]),
    [['An old plan', false, 2000]],
  );
  assert.equal(first.pin('ada/t1', true), 'done');
  first.close();
  const second = openDatabase(file, () => 4_000);
  assert.equal(second.conversation('ada/t1')?.pinned, true, 'over a restart');
  second.close();
});

test('a file of a newer version is left alone', () => {
  const file = beforePins('newer.db');
  openDatabase(file, () => 3_000).close();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 999');
  db.close();
  assert.throws(() => openDatabase(file, () => 4_000), /newer version/);
});
