/** The CLI's own transcripts, in the pieces they grew by, for the node that goes on with them. */
import type { Lease } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { OWN_PLACE } from './live.ts';

/** More small pieces than this are made one. */
const PIECES_MAX = 64;
/** A piece of so many bytes is left as it is, so that a long transcript is not written anew again and again. */
const LARGE = 256 * 1024;

export interface TranscriptsParts {
  readonly db: Database;
  readonly node: () => string;
}

export class Transcripts {
  readonly #parts: TranscriptsParts;

  constructor(parts: TranscriptsParts) {
    this.#parts = parts;
  }

  async of(sessionId: string): Promise<Uint8Array | null> {
    const row = await this.#parts.db.get<{ data: Buffer | null }>(
      "SELECT string_agg(data, ''::bytea ORDER BY at) AS data FROM transcripts WHERE session_id = $1",
      sessionId,
    );
    return row?.data ?? null;
  }

  /**
   * Under a void lease it does nothing.
   * @throws Where less than `at` bytes were kept, as the whole would have a hole.
   */
  async keep(lease: Lease, at: number, data: Uint8Array): Promise<void> {
    const { db, node } = this.#parts;
    const { key, term, sessionId } = lease;
    const fits = await db.transaction(async (sql) => {
      const own = await sql.get(`WITH ${OWN_PLACE} SELECT 1 FROM own`, key, term, node());
      if (!own) return true;
      await cut(sql, sessionId, at);
      if ((await sizeOf(sql, sessionId)) < at) return false;
      if (data.length === 0) return true;
      await sql.run('INSERT INTO transcripts VALUES ($1, $2, $3)', sessionId, at, data);
      await join(sql, sessionId);
      return true;
    });
    if (!fits) throw new Error('a transcript was to be kept whose beginning is not');
  }
}

/** What is after the first `at` bytes is forgotten. */
async function cut(sql: Sql, sessionId: string, at: number): Promise<void> {
  await sql.run('DELETE FROM transcripts WHERE session_id = $1 AND at >= $2', sessionId, at);
  await sql.run(
    `UPDATE transcripts SET data = substring(data FROM 1 FOR $2 - at)
       WHERE session_id = $1 AND at < $2 AND at + length(data) > $2`,
    ...[sessionId, at],
  );
}

async function sizeOf(sql: Sql, sessionId: string): Promise<number> {
  const row = await sql.get<{ size: number }>(
    'SELECT coalesce(max(at + length(data)), 0) AS size FROM transcripts WHERE session_id = $1',
    sessionId,
  );
  return row?.size ?? 0;
}

/** Makes the small pieces at the end one, where they are many. */
async function join(sql: Sql, sessionId: string): Promise<void> {
  const small = await sql.get<{ pieces: number; first: number | null }>(
    `SELECT count(*) AS pieces, min(at) AS first FROM transcripts WHERE session_id = $1
       AND at > (SELECT coalesce(max(at), -1) FROM transcripts WHERE session_id = $1 AND length(data) >= ${LARGE})`,
    sessionId,
  );
  if (small === undefined || small.first === null || small.pieces <= PIECES_MAX) return;
  await sql.run(
    `WITH pieces AS (DELETE FROM transcripts WHERE session_id = $1 AND at > $2 RETURNING at, data)
     UPDATE transcripts SET data = data || (SELECT string_agg(data, ''::bytea ORDER BY at) FROM pieces)
       WHERE session_id = $1 AND at = $2`,
    ...[sessionId, small.first],
  );
}
