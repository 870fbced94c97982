/**
 * Images: kept for a day, or as long as a conversation whose prompts name them. Who changes where an image is named
 * locks its row first: two who each take away one use of two would leave an image that nobody names, and nobody forgets.
 */
import {
  PROMPT_IMAGES_BYTES_MAX,
  UNNAMED_BYTES_MAX,
  UNNAMED_MS,
  type Upload,
  type Uploads,
} from '../uploads.ts';
import type { Database, Sql, SqlRow } from './database.ts';

/** Forgotten at once: they may be large. */
const FORGOTTEN_MAX = 8;
const UNUSED = 'NOT EXISTS (SELECT FROM upload_uses WHERE upload = uploads.id)';

export interface UploadsParts {
  readonly db: Database;
  readonly now: () => number;
}

export class PostgresUploads implements Uploads {
  readonly #db: Database;
  readonly #now: () => number;

  constructor({ db, now }: UploadsParts) {
    this.#db = db;
    this.#now = now;
  }

  putUpload(user: string, { id, type, bytes }: Upload): Promise<boolean> {
    return this.#db.transaction(async (sql) => {
      // One user's after each other: what waits for a prompt is counted exactly.
      await sql.run('SELECT pg_advisory_xact_lock(hashtextextended($1, 2))', user);
      const known = await sql.run(
        `UPDATE uploads SET unnamed_since = CASE WHEN unnamed_since IS NOT NULL THEN $3::bigint END
         WHERE user_name = $1 AND upload_id = $2`,
        ...[user, id, this.#now()],
      );
      if (known > 0) return true;
      const row = await sql.get(
        `SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM uploads
         WHERE user_name = $1 AND unnamed_since IS NOT NULL`,
        user,
      );
      if (Number(row?.bytes) + bytes.length > UNNAMED_BYTES_MAX) return false;
      await sql.run(
        `INSERT INTO uploads (user_name, upload_id, type, bytes, unnamed_since, data)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        ...[user, id, type, bytes.length, this.#now(), bytes],
      );
      return true;
    });
  }

  async upload(user: string, id: string): Promise<Upload | null> {
    const row = await this.#db.get(
      'SELECT upload_id, type, data FROM uploads WHERE user_name = $1 AND upload_id = $2',
      ...[user, id],
    );
    return row ? uploadOf(row) : null;
  }
}

export function uploadOf(row: SqlRow): Upload {
  return { id: String(row.upload_id), type: String(row.type), bytes: row.data as Uint8Array };
}

/** Why a prompt may not name these; null: it may, and they stay until the transaction ends. */
export async function refusal(
  sql: Sql,
  user: string,
  ids: readonly string[],
): Promise<'upload.unknown' | 'prompt.tooManyImages' | null> {
  if (ids.length === 0) return null;
  const rows = await sql.all<{ upload_id: string; bytes: number }>(
    `SELECT upload_id, bytes FROM uploads WHERE user_name = $1 AND upload_id = ANY ($2)
     ORDER BY id FOR NO KEY UPDATE`,
    ...[user, ids],
  );
  const sizes = new Map(rows.map(({ upload_id, bytes }) => [upload_id, bytes]));
  if (ids.some((id) => !sizes.has(id))) return 'upload.unknown';
  const bytes = ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  return bytes > PROMPT_IMAGES_BYTES_MAX ? 'prompt.tooManyImages' : null;
}

/** From now on they stay as long as the conversation, or until the run is withdrawn. */
export async function nameUploads(
  sql: Sql,
  user: string,
  runId: string,
  conversationId: number,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await sql.run(
    `WITH named AS (UPDATE uploads SET unnamed_since = NULL
       WHERE user_name = $1 AND upload_id = ANY ($2) RETURNING id)
     INSERT INTO upload_uses (upload, conversation, run_id) SELECT id, $3, $4 FROM named
     ON CONFLICT DO NOTHING`,
    ...[user, ids, conversationId, runId],
  );
}

/** The prompt that named them never ran: they are kept for a day again, to be sent with another. */
export async function withdrawUploads(
  sql: Sql,
  user: string,
  runId: string,
  conversationId: number,
  now: number,
): Promise<void> {
  const ids = await lockNamed(sql, 'conversation = $1 AND run_id = $2', conversationId, runId);
  if (ids.length === 0) return;
  await sql.run(
    'DELETE FROM upload_uses WHERE conversation = $1 AND run_id = $2',
    ...[conversationId, runId],
  );
  await sql.run(
    `UPDATE uploads SET unnamed_since = $1 WHERE user_name = $2 AND id = ANY ($3) AND ${UNUSED}`,
    ...[now, user, ids],
  );
}

/** A fork shows what it brought along for as long as itself is there; whoever forks has locked what is forked. */
export async function inheritUploads(
  sql: Sql,
  fromId: number,
  runIds: readonly string[],
  toId: number,
): Promise<void> {
  await sql.run(
    `INSERT INTO upload_uses (upload, conversation, run_id)
     SELECT upload, $3, run_id FROM upload_uses WHERE conversation = $1 AND run_id = ANY ($2)
     ON CONFLICT DO NOTHING`,
    ...[fromId, runIds, toId],
  );
}

/** All that were named nowhere else. */
export async function forgetUploads(sql: Sql, conversationId: number): Promise<void> {
  const ids = await lockNamed(sql, 'conversation = $1', conversationId);
  if (ids.length === 0) return;
  await sql.run('DELETE FROM upload_uses WHERE conversation = $1', conversationId);
  await sql.run(`DELETE FROM uploads WHERE id = ANY ($1) AND ${UNUSED}`, ids);
}

/** A few of those that no prompt named in time. False: there are none. */
export async function forgetUnnamedUploads(sql: Sql, now: number): Promise<boolean> {
  // One that is locked is about to be named.
  const forgotten = await sql.run(
    `DELETE FROM uploads WHERE unnamed_since < $1 AND id IN
       (SELECT id FROM uploads WHERE unnamed_since < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    ...[now - UNNAMED_MS, FORGOTTEN_MAX],
  );
  return forgotten > 0;
}

/** Locks images by where they are named, always in the same order. */
async function lockNamed(
  sql: Sql,
  where: string,
  ...values: (string | number)[]
): Promise<number[]> {
  const rows = await sql.all<{ id: number }>(
    `SELECT id FROM uploads WHERE id IN (SELECT upload FROM upload_uses WHERE ${where})
     ORDER BY id FOR NO KEY UPDATE`,
    ...values,
  );
  return rows.map(({ id }) => id);
}
