/**
 * The shared database's tables, as migrations that are never changed once released. Times are epoch ms, by the
 * database's clock where nodes compare them. A free text may hold what PostgreSQL's `text` cannot (NUL), so it is
 * kept as JSON text: columns named `…_json`, and chunks and messages, which are JSON anyway.
 */
import type { Sql } from './database.ts';
import { TAKE_CHARGE } from './take-charge.ts';
import { USER_TABLES } from './user-tables.ts';

const MIGRATIONS: readonly string[] = [
  `
  -- Servers that share this database. One that was declared dead never comes back under the same id.
  CREATE TABLE nodes (
    id text PRIMARY KEY,
    name text NOT NULL,
    expires_at timestamptz NOT NULL,
    dead boolean NOT NULL DEFAULT false,
    draining boolean NOT NULL DEFAULT false
  ) WITH (fillfactor = 50);

  CREATE TABLE conversations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    user_name text NOT NULL,
    session_id text NOT NULL,
    prompted boolean NOT NULL DEFAULT false,
    title_json text,
    -- The title without diacritics and in small letters, for the search.
    title_plain text,
    title_by text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ended_at bigint NOT NULL DEFAULT 0,
    deleted_at bigint,
    pinned boolean NOT NULL DEFAULT false,
    -- The last row that is no longer in the journal: what was before it is messages, or forgotten.
    base_term bigint,
    base_seq int NOT NULL DEFAULT 0,
    -- The last row of the last turn that is in messages; of the journal, what is after it is not.
    folded_to int NOT NULL DEFAULT 0,
    -- The last row of the last turn that ended; where it is past folded_to, there is something to fold.
    turn_ended int NOT NULL DEFAULT 0,
    -- The row before the last turn.
    turn_term bigint,
    turn_seq int,
    forked_thread text,
    forked_run text,
    fork_seq int,
    fork_sessions text,
    fork_at text,
    context_used bigint,
    context_max bigint,
    model text,
    effort text,
    repository text,
    -- What goes on in it, as its owner last said, for servers that do not own it; see LiveState.
    live_json text
  ) WITH (fillfactor = 80);
  CREATE INDEX conversations_used ON conversations (user_name, updated_at DESC, id DESC)
    WHERE prompted AND deleted_at IS NULL;
  CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;
  CREATE INDEX conversations_unused ON conversations (updated_at) WHERE prompted;
  CREATE INDEX conversations_forked ON conversations (user_name, forked_thread) WHERE forked_thread IS NOT NULL;
  CREATE INDEX conversations_to_fold ON conversations (id) WHERE turn_ended > folded_to;

  -- Who may append to a conversation, and its last row: narrow, and without an index on what changes, as each
  -- append changes it.
  CREATE TABLE places (
    conversation bigint PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    term bigint NOT NULL DEFAULT 0,
    -- Null: nobody.
    owner text,
    head_term bigint,
    head_seq int NOT NULL DEFAULT 0
  ) WITH (fillfactor = 50);
  CREATE INDEX places_owner ON places (owner) WHERE owner IS NOT NULL;

  -- Servers that watch a conversation they do not own.
  CREATE TABLE watches (
    conversation bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    node text NOT NULL,
    PRIMARY KEY (conversation, node)
  );

  CREATE TABLE journal (
    conversation bigint NOT NULL,
    seq int NOT NULL,
    term bigint NOT NULL,
    run_id text NOT NULL,
    chunk text NOT NULL,
    PRIMARY KEY (conversation, seq)
  );

  CREATE TABLE messages (
    conversation bigint NOT NULL,
    -- The row it began at.
    seq int NOT NULL,
    message text NOT NULL,
    words tsvector,
    PRIMARY KEY (conversation, seq)
  );
  CREATE INDEX messages_words ON messages USING gin (words);

  CREATE TABLE runs (
    user_name text NOT NULL,
    run_id text NOT NULL,
    conversation bigint NOT NULL,
    digest text NOT NULL,
    text_json text NOT NULL,
    -- Of a prompt that waits: the ids of its images, as a JSON array.
    images text,
    accepted bigint NOT NULL,
    parked boolean NOT NULL DEFAULT false,
    started boolean NOT NULL DEFAULT false,
    ended boolean NOT NULL DEFAULT false,
    -- The server that is to see to it while it waits.
    node text NOT NULL,
    before_term bigint,
    before_seq int,
    -- Where the turn it belongs to ended, and when, on the run that ended it.
    turn_end int,
    turn_ended_at bigint,
    transcript_at text,
    PRIMARY KEY (user_name, run_id)
  ) WITH (fillfactor = 80);
  CREATE INDEX runs_of ON runs (conversation);
  CREATE INDEX runs_waiting ON runs (node) WHERE NOT started AND NOT ended;
  CREATE INDEX runs_open ON runs (conversation) WHERE started AND NOT ended;
  CREATE INDEX runs_turns ON runs (turn_ended_at) WHERE turn_end IS NOT NULL;

  -- Runs whose messages a fork brought along, each with the place before its turn.
  CREATE TABLE inherited_runs (
    conversation bigint NOT NULL,
    run_id text NOT NULL,
    before_seq int NOT NULL,
    transcript_at text,
    origin_thread text NOT NULL,
    origin_run text NOT NULL,
    PRIMARY KEY (conversation, run_id)
  );

  -- Whole texts of tools' results that are cut in the journal and in messages.
  CREATE TABLE results (
    conversation bigint NOT NULL,
    tool_call_id text NOT NULL,
    text_json text NOT NULL,
    PRIMARY KEY (conversation, tool_call_id)
  );

  -- What one server asks of another; the asker takes its row away with the reply.
  CREATE TABLE commands (
    id uuid PRIMARY KEY,
    from_node text NOT NULL,
    to_node text NOT NULL,
    body text NOT NULL,
    reply text
  );
  CREATE INDEX commands_to ON commands (to_node) WHERE reply IS NULL;
  CREATE INDEX commands_from ON commands (from_node) WHERE reply IS NOT NULL;

  -- The CLI's own transcripts, in the pieces they grew by, for the server that goes on with them.
  CREATE TABLE transcripts (
    session_id text NOT NULL,
    at int NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (session_id, at)
  );
  `,
  USER_TABLES,
  TAKE_CHARGE,
];

/** Of the tables that this version works with. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Any number of servers may start at once: one migrates, the others wait for it. */
const LOCK = 0x67726e72;

/**
 * In one transaction, which holds the lock: a pooler may give each transaction another connection, and would leave
 * a lock of a session's where nobody lets go of it.
 * @throws When the tables were made by a newer version.
 */
export async function migrate(sql: Pick<Sql, 'run' | 'get'>): Promise<void> {
  await sql.get(`SELECT pg_advisory_xact_lock(${LOCK})`);
  await sql.run('CREATE TABLE IF NOT EXISTS greenroom (version int NOT NULL)');
  const row = await sql.get<{ version: number }>('SELECT version FROM greenroom');
  const version = row?.version ?? 0;
  if (version > MIGRATIONS.length)
    throw new Error('the database was written by a newer version of Greenroom');
  for (const migration of MIGRATIONS.slice(version)) await sql.run(migration);
  if (version === MIGRATIONS.length) return;
  await sql.run('DELETE FROM greenroom');
  await sql.run('INSERT INTO greenroom VALUES ($1)', MIGRATIONS.length);
}
