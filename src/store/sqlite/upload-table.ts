/** Images: kept for a day, or as long as a conversation whose prompts name them. */
import { PROMPT_IMAGES_BYTES_MAX, UNNAMED_BYTES_MAX, UNNAMED_MS, type Upload } from '../uploads.ts';
import type { Sql } from './sql.ts';

/** Forgotten at once: others wait for the database meanwhile. */
const FORGOTTEN_MAX = 8;
const UNUSED = 'NOT EXISTS (SELECT 1 FROM upload_uses WHERE upload = uploads.id)';

export class UploadTable {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  put(user: string, { id, type, bytes }: Upload): boolean {
    const { changes } = this.#sql.run(
      'UPDATE uploads SET unnamed_since = iif(unnamed_since IS NULL, NULL, ?) WHERE user = ? AND upload_id = ?',
      ...[this.#now(), user, id],
    );
    if (changes > 0) return true;
    const row = this.#sql.get(
      'SELECT total(bytes) AS bytes FROM uploads WHERE user = ? AND unnamed_since IS NOT NULL',
      user,
    );
    if (Number(row?.bytes) + bytes.length > UNNAMED_BYTES_MAX) return false;
    this.#sql.run(
      'INSERT INTO uploads (user, upload_id, type, bytes, unnamed_since, data) VALUES (?, ?, ?, ?, ?, ?)',
      ...[user, id, type, bytes.length, this.#now(), bytes],
    );
    return true;
  }

  get(user: string, id: string): Upload | null {
    const row = this.#sql.get(
      'SELECT type, data FROM uploads WHERE user = ? AND upload_id = ?',
      user,
      id,
    );
    return row ? { id, type: String(row.type), bytes: row.data as Uint8Array } : null;
  }

  /** Why a prompt may not name these; null: it may. */
  refusal(user: string, ids: readonly string[]): 'upload.unknown' | 'prompt.tooManyImages' | null {
    let bytes = 0;
    for (const id of ids) {
      const row = this.#sql.get(
        'SELECT bytes FROM uploads WHERE user = ? AND upload_id = ?',
        user,
        id,
      );
      if (!row) return 'upload.unknown';
      bytes += Number(row.bytes);
    }
    return bytes > PROMPT_IMAGES_BYTES_MAX ? 'prompt.tooManyImages' : null;
  }

  /** From now on they stay as long as the conversation, or until the run is withdrawn. */
  name(user: string, runId: string, conversation: number, ids: readonly string[]): void {
    for (const id of ids) {
      this.#sql.run(
        `INSERT OR IGNORE INTO upload_uses (upload, conversation, run_id)
         SELECT id, ?, ? FROM uploads WHERE user = ? AND upload_id = ?`,
        ...[conversation, runId, user, id],
      );
      this.#sql.run(
        'UPDATE uploads SET unnamed_since = NULL WHERE user = ? AND upload_id = ?',
        ...[user, id],
      );
    }
  }

  /** The prompt that named them never ran: they are kept for a day again, to be sent with another. */
  withdraw(user: string, runId: string, conversation: number): void {
    const { changes } = this.#sql.run(
      'DELETE FROM upload_uses WHERE conversation = ? AND run_id = ?',
      conversation,
      runId,
    );
    if (changes > 0)
      this.#sql.run(
        `UPDATE uploads SET unnamed_since = ? WHERE user = ? AND unnamed_since IS NULL AND ${UNUSED}`,
        ...[this.#now(), user],
      );
  }

  /** A fork shows what it brought along for as long as itself is there. */
  inherit(from: number, runIds: readonly string[], to: number): void {
    for (const runId of runIds)
      this.#sql.run(
        `INSERT OR IGNORE INTO upload_uses (upload, conversation, run_id)
         SELECT upload, ?, run_id FROM upload_uses WHERE conversation = ? AND run_id = ?`,
        ...[to, from, runId],
      );
  }

  /** All that were named nowhere else. */
  forgetAll(conversation: number): void {
    this.#sql.run(
      `DELETE FROM uploads WHERE id IN (SELECT upload FROM upload_uses WHERE conversation = ?1)
       AND NOT EXISTS (SELECT 1 FROM upload_uses WHERE upload = uploads.id AND conversation <> ?1)`,
      conversation,
    );
    this.#sql.run('DELETE FROM upload_uses WHERE conversation = ?', conversation);
  }

  /** A few of those that no prompt named in time. False: there are none. */
  forgetUnnamed(): boolean {
    const { changes } = this.#sql.run(
      `DELETE FROM uploads WHERE id IN
       (SELECT id FROM uploads WHERE unnamed_since < ? LIMIT ${FORGOTTEN_MAX})`,
      this.#now() - UNNAMED_MS,
    );
    return Number(changes) > 0;
  }
}
