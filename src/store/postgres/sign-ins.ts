/** Sign-ins, by the hash of their id, as servers share them. */
import type { SignIn, SignInRecords } from '../sign-ins.ts';
import { asJson, type Database, fromJson, type Sql, type SqlRow } from './database.ts';
import type { NoticeBoard } from './notices.ts';

export interface SignInsParts {
  readonly db: Database;
  readonly board: NoticeBoard;
}

export class PostgresSignIns implements SignInRecords {
  readonly #db: Database;
  readonly #board: NoticeBoard;

  constructor({ db, board }: SignInsParts) {
    this.#db = db;
    this.#board = board;
  }

  async putSignIn(signIn: SignIn): Promise<void> {
    const { idHash, user, createdAt, usedAt, expiresAt, maxAt, device } = signIn;
    await this.#db.run(
      `INSERT INTO sign_ins (id_hash, user_name, created_at, used_at, expires_at, max_at, device_json)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id_hash) DO UPDATE SET user_name = $2, created_at = $3, used_at = $4, expires_at = $5,
         max_at = $6, device_json = $7`,
      ...[idHash, user, createdAt, usedAt, expiresAt, maxAt, asJson(device)],
    );
  }

  async getSignIn(idHash: string, now: number): Promise<SignIn | null> {
    const row = await this.#db.get(
      'SELECT * FROM sign_ins WHERE id_hash = $1 AND expires_at > $2',
      ...[idHash, now],
    );
    return row ? signInOf(row) : null;
  }

  /** Another server may have changed it. */
  rememberedSignIn(): null {
    return null;
  }

  async signInsOf(user: string, now: number): Promise<SignIn[]> {
    const rows = await this.#db.all(
      `SELECT * FROM sign_ins WHERE user_name = $1 AND expires_at > $2
       ORDER BY used_at DESC, id_hash COLLATE "C"`,
      ...[user, now],
    );
    return rows.map(signInOf);
  }

  async signedIn(now: number): Promise<string[]> {
    const rows = await this.#db.all(
      'SELECT DISTINCT user_name FROM sign_ins WHERE expires_at > $1',
      now,
    );
    return rows.map((row) => String(row.user_name));
  }

  async extendSignIn(idHash: string, expiresAt: number, usedAt: number): Promise<boolean> {
    const changed = await this.#db.run(
      'UPDATE sign_ins SET expires_at = $2, used_at = $3 WHERE id_hash = $1',
      ...[idHash, expiresAt, usedAt],
    );
    if (changed > 0) this.#board.tell('extended', idHash, expiresAt);
    return changed > 0;
  }

  async revokeSignIn(idHash: string, user: string | null): Promise<boolean> {
    return this.#revoke(idHash, user);
  }

  async revokeUser(user: string): Promise<void> {
    await this.#revoke(null, user);
  }

  onRevoked(listener: (idHash: string) => void): () => void {
    return this.#board.on('revoked', listener);
  }

  onExtended(listener: (idHash: string, expiresAt: number) => void): () => void {
    return this.#board.on('extended', listener);
  }

  /** Null: any. One statement, so that none is ended without a server's being able to find it out. */
  async #revoke(idHash: string | null, user: string | null): Promise<boolean> {
    const ended = await this.#db.all(
      `WITH ended AS (DELETE FROM sign_ins
         WHERE id_hash = coalesce($1, id_hash) AND user_name = coalesce($2, user_name) RETURNING id_hash)
       INSERT INTO revocations (id_hash) SELECT id_hash FROM ended
       ON CONFLICT (id_hash) DO UPDATE SET at = clock_timestamp() RETURNING id_hash`,
      ...[idHash, user],
    );
    for (const row of ended) this.#board.tell('revoked', String(row.id_hash));
    return ended.length > 0;
  }
}

/** And revocations that every server has heard of by now, or has asked for after it was cut off. */
export async function forgetExpiredSignIns(sql: Sql, now: number): Promise<void> {
  await sql.run('DELETE FROM sign_ins WHERE expires_at <= $1', now);
  await sql.run("DELETE FROM revocations WHERE at < clock_timestamp() - interval '1 hour'");
}

function signInOf(row: SqlRow): SignIn {
  return {
    idHash: String(row.id_hash),
    user: String(row.user_name),
    createdAt: Number(row.created_at),
    usedAt: Number(row.used_at),
    expiresAt: Number(row.expires_at),
    maxAt: Number(row.max_at),
    device: fromJson(row.device_json),
  };
}
