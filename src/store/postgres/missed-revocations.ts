/** Sign-ins that were ended on another node, for this one to hear of even where the notice was lost. */
import type { Sql } from './database.ts';
import type { Clock } from './line.ts';
import { often } from './often.ts';

/** A revocation may be committed so long after it says it was made. */
const LATE_MS = 15_000;

export interface MissedRevocationsParts {
  readonly line: Sql;
  readonly clock: Pick<Clock, 'now'>;
  readonly onRevoked: (idHash: string) => void;
}

export class MissedRevocations {
  readonly #parts: MissedRevocationsParts;
  /** Those that the last poll found. */
  #seen = new Set<string>();
  #askedAt: number;

  constructor(parts: MissedRevocationsParts) {
    this.#parts = parts;
    this.#askedAt = parts.clock.now();
  }

  /** Those since the last time that it could ask; one that was heard of is told once more, and once only. */
  async poll(): Promise<void> {
    const { line, clock, onRevoked } = this.#parts;
    const now = clock.now();
    const rows = await line.all<{ id_hash: string }>(
      often(
        `SELECT id_hash FROM revocations WHERE at > clock_timestamp() - $1 * interval '1 millisecond'`,
      ),
      now - this.#askedAt + LATE_MS,
    );
    this.#askedAt = now;
    const found = new Set(rows.map(({ id_hash }) => id_hash));
    for (const idHash of found) if (!this.#seen.has(idHash)) onRevoked(idHash);
    this.#seen = found;
  }
}
