/** A migration; see `schema.ts`: tables of what is a user's, beside conversations. */
export const USER_TABLES = `
  CREATE TABLE uploads (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name text NOT NULL,
    upload_id text NOT NULL,
    type text NOT NULL,
    bytes int NOT NULL,
    -- Null while a prompt names it.
    unnamed_since bigint,
    data bytea NOT NULL,
    UNIQUE (user_name, upload_id)
  );
  CREATE INDEX uploads_unnamed ON uploads (user_name, unnamed_since) WHERE unnamed_since IS NOT NULL;
  CREATE TABLE upload_uses (
    upload bigint NOT NULL,
    conversation bigint NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (upload, conversation, run_id)
  );
  CREATE INDEX upload_uses_of ON upload_uses (conversation);

  CREATE TABLE sign_ins (
    id_hash text PRIMARY KEY,
    user_name text NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    max_at bigint NOT NULL,
    device_json text NOT NULL
  );
  CREATE INDEX sign_ins_of ON sign_ins (user_name);
  CREATE INDEX sign_ins_end ON sign_ins (expires_at);
  -- Sign-ins that were ended on purpose, for servers that a notice of it did not reach.
  CREATE TABLE revocations (
    id_hash text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE INDEX revocations_at ON revocations (at);

  CREATE TABLE shares (
    conversation bigint PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    id_hash text NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint
  );
  CREATE TABLE share_readers (
    conversation bigint NOT NULL REFERENCES shares (conversation) ON DELETE CASCADE,
    user_name text NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL,
    PRIMARY KEY (conversation, user_name)
  );
  CREATE INDEX share_readers_of ON share_readers (user_name);
  CREATE FUNCTION end_share() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN DELETE FROM shares WHERE conversation = NEW.id; RETURN NULL; END $$;
  CREATE TRIGGER shares_end AFTER UPDATE OF prompted, deleted_at ON conversations FOR EACH ROW
    WHEN (NOT NEW.prompted OR NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION end_share();

  -- The ledger of limits: an entry for each run, closed with its end.
  CREATE TABLE charges (
    user_name text NOT NULL,
    run_id text NOT NULL,
    thread text NOT NULL,
    at bigint NOT NULL,
    -- 1 where a prompt began it.
    prompts int NOT NULL DEFAULT 0,
    open boolean NOT NULL DEFAULT true,
    -- Tokens: held for it while it is open, and used.
    reserved bigint NOT NULL DEFAULT 0,
    input bigint NOT NULL DEFAULT 0,
    output bigint NOT NULL DEFAULT 0,
    cache_read bigint NOT NULL DEFAULT 0,
    cache_write bigint NOT NULL DEFAULT 0,
    cost_usd double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (user_name, run_id)
  ) WITH (fillfactor = 80);
  CREATE INDEX charges_at ON charges (user_name, at);
  CREATE INDEX charges_open ON charges (user_name, thread) WHERE open;
  CREATE INDEX charges_old ON charges (at) WHERE NOT open;
  -- Sums of entries that no limit looks at any more.
  CREATE TABLE usage_days (
    day text NOT NULL,
    user_name text NOT NULL,
    prompts bigint NOT NULL,
    input bigint NOT NULL,
    output bigint NOT NULL,
    cache_read bigint NOT NULL,
    cache_write bigint NOT NULL,
    cost_usd double precision NOT NULL,
    PRIMARY KEY (day, user_name)
  );
`;
