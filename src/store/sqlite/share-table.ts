/** Shares of conversations, at most one of each. */
import { READERS_MAX, type Share, type ShareReader } from '../shares.ts';
import type { ConversationKey } from '../store.ts';
import type { Upload } from '../uploads.ts';
import type { Sql, SqlRow } from './sql.ts';

/** A migration; see `schema.ts`. The triggers hold for whoever deletes or forgets a conversation. */
export const SHARES = `
  CREATE TABLE shares (
    conversation INTEGER PRIMARY KEY,
    id_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT;
  CREATE TABLE share_readers (
    conversation INTEGER NOT NULL,
    user TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (conversation, user)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER shares_end AFTER UPDATE OF prompted, deleted_at ON conversations
    WHEN new.prompted = 0 OR new.deleted_at IS NOT NULL
    BEGIN DELETE FROM shares WHERE conversation = new.id; END;
  CREATE TRIGGER share_readers_end AFTER DELETE ON shares
    BEGIN DELETE FROM share_readers WHERE conversation = old.conversation; END;
`;

const LIVE = `SELECT s.id_hash, c.key, c.title, s.created_at, s.expires_at
  FROM shares s JOIN conversations c ON c.id = s.conversation
  WHERE c.prompted = 1 AND c.deleted_at IS NULL AND ifnull(s.expires_at > ?, 1)`;

export class ShareTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  put({ idHash, key, createdAt, expiresAt }: Omit<Share, 'title'>): boolean {
    return this.#sql.durably(() => {
      const conversation = this.#sql.get(
        'SELECT id FROM conversations WHERE key = ? AND prompted = 1 AND deleted_at IS NULL',
        key,
      );
      if (!conversation) return false;
      this.#sql.run('DELETE FROM shares WHERE conversation = ?', Number(conversation.id));
      this.#sql.run(
        'INSERT INTO shares (conversation, id_hash, created_at, expires_at) VALUES (?, ?, ?, ?)',
        ...[Number(conversation.id), idHash, createdAt, expiresAt],
      );
      return true;
    });
  }

  byId(idHash: string, now: number): Share | null {
    const row = this.#sql.get(`${LIVE} AND s.id_hash = ?`, now, idHash);
    return row ? shareIn(row) : null;
  }

  of(key: ConversationKey, now: number): Share | null {
    const row = this.#sql.get(`${LIVE} AND c.key = ?`, now, key);
    return row ? shareIn(row) : null;
  }

  revoke(key: ConversationKey, now: number): boolean {
    return this.#sql.durably(() => {
      const had = this.of(key, now) !== null;
      this.#sql.run(
        'DELETE FROM shares WHERE conversation = (SELECT id FROM conversations WHERE key = ?)',
        key,
      );
      return had;
    });
  }

  noteReader(idHash: string, user: string, at: number): void {
    this.#sql.run(
      `INSERT INTO share_readers (conversation, user, first_at, last_at)
       SELECT conversation, ?, ?, ? FROM shares s WHERE id_hash = ?
         AND (SELECT count(*) FROM share_readers r WHERE r.conversation = s.conversation AND r.user <> ?) < ?
       ON CONFLICT (conversation, user) DO UPDATE SET last_at = excluded.last_at`,
      ...[user, at, at, idHash, user, READERS_MAX],
    );
  }

  readersOf(key: ConversationKey): ShareReader[] {
    return this.#sql
      .all(
        `SELECT r.user, first_at, last_at FROM share_readers r JOIN conversations c ON c.id = r.conversation
         WHERE c.key = ? ORDER BY last_at DESC, r.user`,
        key,
      )
      .map((row) => ({
        user: String(row.user),
        firstAt: Number(row.first_at),
        lastAt: Number(row.last_at),
      }));
  }

  forgetReader(user: string): void {
    this.#sql.durably(() => this.#sql.run('DELETE FROM share_readers WHERE user = ?', user));
  }

  uploadIn(key: ConversationKey, id: string): Upload | null {
    const row = this.#sql.get(
      `SELECT u.type, u.data FROM uploads u JOIN conversations c ON c.user = u.user
       WHERE c.key = ? AND u.upload_id = ? AND EXISTS
         (SELECT 1 FROM upload_uses WHERE upload = u.id AND conversation = c.id)`,
      ...[key, id],
    );
    return row ? { id, type: String(row.type), bytes: row.data as Uint8Array } : null;
  }
}

function shareIn(row: SqlRow): Share {
  return {
    idHash: String(row.id_hash),
    key: String(row.key) as ConversationKey,
    title: String(row.title ?? ''),
    createdAt: Number(row.created_at),
    expiresAt: row.expires_at === null ? null : Number(row.expires_at),
  };
}
