/** Sign-ins, by the hash of their id. */
import type { SignIn } from '../sign-ins.ts';
import type { Sql } from './sql.ts';

export class SignInTable {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  forgetExpired(): void {
    this.#sql.run('DELETE FROM sign_ins WHERE expires_at <= ?', this.#now());
  }

  put({ idHash, user, createdAt, usedAt, expiresAt, maxAt, device }: SignIn): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO sign_ins (id_hash, user, created_at, used_at, expires_at, max_at, device)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[idHash, user, createdAt, usedAt, expiresAt, maxAt, device],
    );
  }

  get(idHash: string, now: number): SignIn | null {
    const row = this.#sql.get(
      'SELECT * FROM sign_ins WHERE id_hash = ? AND expires_at > ?',
      idHash,
      now,
    );
    return row ? signInOf(row) : null;
  }

  of(user: string, now: number): SignIn[] {
    return this.#sql
      .all(
        'SELECT * FROM sign_ins WHERE user = ? AND expires_at > ? ORDER BY used_at DESC, id_hash',
        user,
        now,
      )
      .map(signInOf);
  }

  users(now: number): string[] {
    return this.#sql
      .all('SELECT DISTINCT user FROM sign_ins WHERE expires_at > ?', now)
      .map((row) => String(row.user));
  }

  extend(idHash: string, expiresAt: number, usedAt: number): boolean {
    const { changes } = this.#sql.run(
      'UPDATE sign_ins SET expires_at = ?, used_at = ? WHERE id_hash = ?',
      ...[expiresAt, usedAt, idHash],
    );
    return changes > 0;
  }

  /** Null: any. Returns the ids it ended. */
  revoke({ idHash, user }: { idHash: string | null; user: string | null }): string[] {
    return this.#sql.durably(() =>
      this.#sql
        .all(
          'DELETE FROM sign_ins WHERE id_hash = ifnull(?, id_hash) AND user = ifnull(?, user) RETURNING id_hash',
          idHash,
          user,
        )
        .map((row) => String(row.id_hash)),
    );
  }
}

function signInOf(row: Record<string, unknown>): SignIn {
  return {
    idHash: String(row.id_hash),
    user: String(row.user),
    createdAt: Number(row.created_at),
    usedAt: Number(row.used_at),
    expiresAt: Number(row.expires_at),
    maxAt: Number(row.max_at),
    device: String(row.device),
  };
}
