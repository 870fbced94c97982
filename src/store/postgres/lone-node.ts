/** A node that is the only one. */
import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import type { Membership } from './journal.ts';

export class LoneNode implements Membership {
  readonly node = randomUUID();
  readonly isMember = true;
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async join(name: string): Promise<void> {
    await this.#db.run(
      "INSERT INTO nodes (id, name, expires_at) VALUES ($1, $2, clock_timestamp() + interval '1 day')",
      ...[this.node, name],
    );
  }

  async leave(): Promise<void> {
    await this.#db.run('UPDATE nodes SET dead = true WHERE id = $1', this.node);
  }

  deadline(): number {
    return Number.POSITIVE_INFINITY;
  }

  onLost(): () => void {
    return () => {};
  }
}
