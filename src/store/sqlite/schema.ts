/**
 * The embedded database's tables, as migrations that are never changed once released.
 *
 * The journal is append-only with an integer key and no other index: a 20-row commit over 100 conversations
 * costs 41 µs so, and 340 µs with a (conversation, seq) key. Where a conversation's rows are is known in
 * memory, from one scan at the start.
 */
import type { DatabaseSync } from 'node:sqlite';
import { SHARES } from './share-table.ts';

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL,
    session_id TEXT NOT NULL,
    term INTEGER NOT NULL DEFAULT 0,
    prompted INTEGER NOT NULL DEFAULT 0,
    title TEXT,
    title_by TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    -- The last row that is no longer in the journal: what was before it is messages, or forgotten.
    base_term INTEGER,
    base_seq INTEGER NOT NULL DEFAULT 0,
    -- The last row of the last turn that is in messages; of the journal, what is after it is not.
    folded_to INTEGER NOT NULL DEFAULT 0,
    -- The row before the last turn.
    turn_term INTEGER,
    turn_seq INTEGER
  ) STRICT;
  CREATE INDEX conversations_used ON conversations (user, updated_at, id)
    WHERE prompted = 1 AND deleted_at IS NULL;
  CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    term INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    chunk TEXT NOT NULL
  ) STRICT;
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    -- The row it began at.
    seq INTEGER NOT NULL,
    message TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX messages_place ON messages (conversation, seq);
  CREATE VIEW message_words AS SELECT id, conversation,
    CASE WHEN message ->> '$.role' IN ('user', 'assistant') THEN message ->> '$.content' END AS words
    FROM messages;
  CREATE VIRTUAL TABLE message_search USING fts5 (
    words, content = 'message_words', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
  );
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
    -- Where the turn it belongs to ended, and when, on the run that ended it.
    turn_end INTEGER,
    turn_ended_at INTEGER,
    PRIMARY KEY (user, run_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX runs_of ON runs (conversation);
  -- A copy that a backup made says so, until it is served.
  CREATE TABLE backup (is_copy INTEGER NOT NULL) STRICT;
  INSERT INTO backup VALUES (0);
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
  `
  CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    user TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    -- Null while a prompt names it.
    unnamed_since INTEGER,
    data BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX uploads_id ON uploads (user, upload_id);
  CREATE INDEX uploads_unnamed ON uploads (user, unnamed_since) WHERE unnamed_since IS NOT NULL;
  CREATE TABLE upload_uses (
    upload INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (upload, conversation, run_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX upload_uses_of ON upload_uses (conversation);
  -- Of a prompt that waits: the ids of its images, as a JSON array.
  ALTER TABLE runs ADD COLUMN images TEXT;
  DROP VIEW message_words;
  CREATE VIEW message_words AS SELECT id, conversation,
    CASE WHEN message ->> '$.role' NOT IN ('user', 'assistant') THEN NULL
      WHEN json_type(message, '$.content') = 'array'
        THEN (SELECT group_concat(value ->> '$.text', char(10)) FROM json_each(message, '$.content'))
      ELSE message ->> '$.content' END AS words
    FROM messages;
  `,
  `
  -- The last line of the CLI's transcript that belongs to the run.
  ALTER TABLE runs ADD COLUMN transcript_at TEXT;
  -- The run a fork was made before, and the conversation that was first asked in; it may be gone.
  ALTER TABLE conversations ADD COLUMN forked_thread TEXT;
  ALTER TABLE conversations ADD COLUMN forked_run TEXT;
  -- The last row a fork brought along, and what of the CLI's it goes on from: sessions as JSON, and a line.
  ALTER TABLE conversations ADD COLUMN fork_seq INTEGER;
  ALTER TABLE conversations ADD COLUMN fork_sessions TEXT;
  ALTER TABLE conversations ADD COLUMN fork_at TEXT;
  CREATE INDEX conversations_forked ON conversations (user, forked_thread) WHERE forked_thread IS NOT NULL;
  -- Runs whose messages a fork brought along, each with the place before its turn.
  CREATE TABLE inherited_runs (
    conversation INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    before_seq INTEGER NOT NULL,
    transcript_at TEXT,
    origin_thread TEXT NOT NULL,
    origin_run TEXT NOT NULL,
    PRIMARY KEY (conversation, run_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE conversations ADD COLUMN context_used INTEGER;
  ALTER TABLE conversations ADD COLUMN context_max INTEGER;
  -- Whole texts of tools' results that are cut in the journal and in messages.
  CREATE TABLE results (
    conversation INTEGER NOT NULL,
    tool_call_id TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (conversation, tool_call_id)
  ) STRICT;
  `,
  `
  ALTER TABLE conversations ADD COLUMN model TEXT;
  ALTER TABLE conversations ADD COLUMN effort TEXT;
  ALTER TABLE conversations ADD COLUMN repository TEXT;
  `,
  `
  -- The ledger of limits: an entry for each run, closed with its end.
  CREATE TABLE charges (
    user TEXT NOT NULL,
    run_id TEXT NOT NULL,
    thread TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- 1 where a prompt began it.
    prompts INTEGER NOT NULL DEFAULT 0,
    open INTEGER NOT NULL DEFAULT 1,
    -- Tokens: held for it while it is open, and used.
    reserved INTEGER NOT NULL DEFAULT 0,
    input INTEGER NOT NULL DEFAULT 0,
    output INTEGER NOT NULL DEFAULT 0,
    cache_read INTEGER NOT NULL DEFAULT 0,
    cache_write INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    -- As budgets count them: used, and what an open one will use at least.
    used INTEGER AS (input + cache_write + output) VIRTUAL,
    held INTEGER AS (CASE WHEN open = 1 THEN max(reserved, input + cache_write + output)
      ELSE input + cache_write + output END) VIRTUAL,
    PRIMARY KEY (user, run_id)
  ) STRICT, WITHOUT ROWID;
  -- All that limits look at, so that they need not look at entries: 500 of them cost 3 ms so, and 0.2 in here.
  CREATE INDEX charges_at ON charges (user, at, prompts, held, used);
  CREATE INDEX charges_open ON charges (user, thread) WHERE open = 1;
  CREATE INDEX charges_old ON charges (at) WHERE open = 0;
  INSERT INTO charges (user, run_id, thread, at, prompts, open)
    SELECT user, 'ticket ' || ticket, '', at, 1, 0 FROM takings;
  DROP TABLE takings;
  -- Sums of entries that no limit looks at any more.
  CREATE TABLE usage_days (
    day TEXT NOT NULL,
    user TEXT NOT NULL,
    prompts INTEGER NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    PRIMARY KEY (day, user)
  ) STRICT, WITHOUT ROWID;
  -- 1: the prompt waits for a limit, and is not accepted yet.
  ALTER TABLE runs ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Who is an operator is what the settings say, and no matter of a sign-in.
  ALTER TABLE sign_ins DROP COLUMN operator;
  ALTER TABLE sign_ins ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sign_ins ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sign_ins ADD COLUMN device TEXT NOT NULL DEFAULT '';
  `,
  `
  ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX conversations_pinned ON conversations (user) WHERE pinned = 1;
  `,
  SHARES,
  'ALTER TABLE conversations ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0',
];

/** Brings the tables to this version, or only up to one before. @throws When the file was written by a newer one. */
export function migrate(db: DatabaseSync, version = MIGRATIONS.length): void {
  const row = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (row.user_version > MIGRATIONS.length) {
    throw new Error('the data directory was written by a newer version of Greenroom');
  }
  for (const [i, sql] of MIGRATIONS.slice(row.user_version, version).entries()) {
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${row.user_version + i + 1}; COMMIT`);
  }
}

/**
 * A restored copy does not know the rows that were written after it was made, but clients may: so that none of
 * their cursors fits what is written from now on, every later term is one no server had before.
 */
export function renewTerms(db: DatabaseSync, now: number): void {
  const row = db.prepare('SELECT is_copy FROM backup').get() as { is_copy: number };
  if (row.is_copy === 0) return;
  db.exec(
    `BEGIN IMMEDIATE; UPDATE conversations SET term = max(term, ${Math.floor(now / 1000)});
     UPDATE backup SET is_copy = 0; COMMIT`,
  );
}

/** Marks a file that was just copied. */
export function markCopy(db: DatabaseSync): void {
  // One file, with no log beside it that could be forgotten.
  db.exec('PRAGMA journal_mode = DELETE; UPDATE backup SET is_copy = 1');
}
