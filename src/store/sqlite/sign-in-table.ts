/** Sign-ins, by the hash of their id. */
import type { SignIn } from '../store.ts';
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

  put({ idHash, user, operator, expiresAt, maxAt }: SignIn): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO sign_ins (id_hash, user, operator, expires_at, max_at) VALUES (?, ?, ?, ?, ?)',
      idHash,
      user,
      operator ? 1 : 0,
      expiresAt,
      maxAt,
    );
  }

  get(idHash: string, now: number): SignIn | null {
    const row = this.#sql.get(
      'SELECT * FROM sign_ins WHERE id_hash = ? AND expires_at > ?',
      idHash,
      now,
    );
    if (!row) return null;
    return {
      idHash,
      user: String(row.user),
      operator: row.operator === 1,
      expiresAt: Number(row.expires_at),
      maxAt: Number(row.max_at),
    };
  }

  extend(idHash: string, expiresAt: number): boolean {
    return (
      this.#sql.run('UPDATE sign_ins SET expires_at = ? WHERE id_hash = ?', expiresAt, idHash)
        .changes > 0
    );
  }

  /** Returns the ids it ended. */
  revoke(column: 'id_hash' | 'user', value: string): string[] {
    return this.#sql.durably(() => {
      const ids = this.#sql
        .all(`SELECT id_hash FROM sign_ins WHERE ${column} = ?`, value)
        .map((row) => String(row.id_hash));
      this.#sql.run(`DELETE FROM sign_ins WHERE ${column} = ?`, value);
      return ids;
    });
  }
}
