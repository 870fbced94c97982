/**
 * The embedded database's tables, as migrations that are never changed once released.
 *
 * The journal is append-only with an integer key and no other index: a 20-row commit over 100 conversations
 * costs 41 µs so, and 340 µs with a (conversation, seq) key. Where a conversation's rows are is known in
 * memory, from one scan at the start.
 */
import type { DatabaseSync } from 'node:sqlite';

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL,
    term INTEGER NOT NULL DEFAULT 0,
    prompted INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    term INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    chunk TEXT NOT NULL
  ) STRICT;
  CREATE TABLE runs (
    user TEXT NOT NULL,
    run_id TEXT NOT NULL,
    conversation INTEGER NOT NULL,
    digest TEXT NOT NULL,
    text TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    started INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0,
    before_term INTEGER,
    before_seq INTEGER,
    PRIMARY KEY (user, run_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX runs_open ON runs (conversation) WHERE ended = 0;
  CREATE TABLE sign_ins (
    id_hash TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    operator INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE takings (
    ticket INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX takings_user ON takings (user, at);
  `,
];

/** Brings the tables to this version. @throws When the file was written by a newer one. */
export function migrate(db: DatabaseSync): void {
  const row = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (row.user_version > MIGRATIONS.length) {
    throw new Error('the data directory was written by a newer version of Greenroom');
  }
  for (const [i, sql] of MIGRATIONS.slice(row.user_version).entries()) {
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${row.user_version + i + 1}; COMMIT`);
  }
}
