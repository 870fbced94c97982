/** Shares of conversations, at most one of each, as servers share them. */
import { READERS_MAX, type Share, type ShareReader, type ShareRecords } from '../shares.ts';
import type { ConversationKey } from '../store.ts';
import type { Upload } from '../uploads.ts';
import { VISIBLE } from './conversations.ts';
import { type Database, fromJson, type SqlRow } from './database.ts';
import { uploadOf } from './uploads.ts';

const LIVE = `SELECT s.id_hash, c.key, c.title_json, s.created_at, s.expires_at
  FROM shares s JOIN conversations c ON c.id = s.conversation
  WHERE ${VISIBLE} AND coalesce(s.expires_at > $1, true)`;

export class PostgresShares implements ShareRecords {
  readonly #db: Database;

  constructor({ db }: { readonly db: Database }) {
    this.#db = db;
  }

  putShare({ idHash, key, createdAt, expiresAt }: Omit<Share, 'title'>): Promise<boolean> {
    return this.#db.transaction(async (sql) => {
      // Locked: one that is deleted meanwhile would be shared again once it is restored.
      const conversation = await sql.get<{ id: number }>(
        `SELECT id FROM conversations WHERE key = $1 AND ${VISIBLE} FOR NO KEY UPDATE`,
        key,
      );
      if (!conversation) return false;
      await sql.run('DELETE FROM shares WHERE conversation = $1', conversation.id);
      await sql.run(
        'INSERT INTO shares (conversation, id_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)',
        ...[conversation.id, idHash, createdAt, expiresAt],
      );
      return true;
    });
  }

  async share(idHash: string, now: number): Promise<Share | null> {
    const row = await this.#db.get(`${LIVE} AND s.id_hash = $2`, now, idHash);
    return row ? shareIn(row) : null;
  }

  async shareOf(key: ConversationKey, now: number): Promise<Share | null> {
    const row = await this.#db.get(`${LIVE} AND c.key = $2`, now, key);
    return row ? shareIn(row) : null;
  }

  async revokeShare(key: ConversationKey, now: number): Promise<boolean> {
    const ended = await this.#db.get<{ had: boolean }>(
      `DELETE FROM shares s USING conversations c WHERE c.id = s.conversation AND c.key = $1
       RETURNING ${VISIBLE} AND coalesce(s.expires_at > $2, true) AS had`,
      ...[key, now],
    );
    return ended?.had ?? false;
  }

  /** One after the other, so that those who come at once are counted, too. */
  async noteReader(idHash: string, user: string, at: number): Promise<void> {
    await this.#db.transaction(async (sql) => {
      const share = await sql.get<{ conversation: number }>(
        'SELECT conversation FROM shares WHERE id_hash = $1 FOR UPDATE',
        idHash,
      );
      if (!share) return;
      await sql.run(
        `INSERT INTO share_readers (conversation, user_name, first_at, last_at)
         SELECT $1, $2, $3, $3 WHERE
           (SELECT count(*) FROM share_readers WHERE conversation = $1 AND user_name <> $2) < $4
         ON CONFLICT (conversation, user_name) DO UPDATE SET last_at = excluded.last_at`,
        ...[share.conversation, user, at, READERS_MAX],
      );
    });
  }

  async readersOf(key: ConversationKey): Promise<ShareReader[]> {
    const rows = await this.#db.all(
      `SELECT r.user_name, first_at, last_at FROM share_readers r
       JOIN conversations c ON c.id = r.conversation
       WHERE c.key = $1 ORDER BY last_at DESC, r.user_name COLLATE "C"`,
      key,
    );
    return rows.map((row) => ({
      user: String(row.user_name),
      firstAt: Number(row.first_at),
      lastAt: Number(row.last_at),
    }));
  }

  async forgetReader(user: string): Promise<void> {
    await this.#db.run('DELETE FROM share_readers WHERE user_name = $1', user);
  }

  async uploadIn(key: ConversationKey, id: string): Promise<Upload | null> {
    const row = await this.#db.get(
      `SELECT u.upload_id, u.type, u.data FROM uploads u JOIN conversations c ON c.user_name = u.user_name
       WHERE c.key = $1 AND u.upload_id = $2 AND EXISTS
         (SELECT FROM upload_uses WHERE upload = u.id AND conversation = c.id)`,
      ...[key, id],
    );
    return row ? uploadOf(row) : null;
  }
}

function shareIn(row: SqlRow): Share {
  return {
    idHash: String(row.id_hash),
    key: String(row.key) as ConversationKey,
    title: row.title_json === null ? '' : fromJson(row.title_json),
    createdAt: Number(row.created_at),
    expiresAt: row.expires_at === null ? null : Number(row.expires_at),
  };
}
