/**
 * Carries notices to other nodes by NOTIFY. They are hints: one that is lost, is too long for a payload, or finds no
 * database is not told again, and whoever should have heard it finds out by asking.
 */
import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import { CHANNEL, type Clock } from './line.ts';
import type { Notice } from './notices.ts';
import { often } from './often.ts';

/** PostgreSQL takes less than 8,000 bytes. */
const PAYLOAD_MAX = 7_900;
/** The first is sent at once; what comes within this time of one goes together. */
const EVERY_MS = 5;
/** What waits while the database is slow; what comes then is dropped. */
const WAITING_MAX = 1_000;

export interface BulletinParts {
  readonly db: Pick<Database, 'run'>;
  readonly clock: Pick<Clock, 'setTimeout'>;
  readonly onHeard: (notice: Notice) => void;
}

export class Bulletin {
  readonly #parts: BulletinParts;
  /** This process, whose notices come back to it as to all who listen. */
  readonly #sender = randomUUID();
  /** As JSON, so that the same is told once. */
  readonly #waiting = new Set<string>();
  #sending = false;

  constructor(parts: BulletinParts) {
    this.#parts = parts;
  }

  tell(notice: Notice): void {
    if (this.#waiting.size >= WAITING_MAX) return;
    this.#waiting.add(JSON.stringify(notice));
    if (!this.#sending) void this.#send();
  }

  /** What came on the channel, of whichever node. */
  heard(payload: string): void {
    let told: unknown;
    try {
      told = JSON.parse(payload);
    } catch {
      return; // another program's
    }
    if (!Array.isArray(told) || told[0] === this.#sender) return;
    for (const notice of told.slice(1) as unknown[])
      if (Array.isArray(notice)) this.#parts.onHeard(notice as unknown as Notice);
  }

  async #send(): Promise<void> {
    const { db, clock } = this.#parts;
    this.#sending = true;
    while (this.#waiting.size > 0) {
      const payload = this.#next();
      // Never in the transaction that wrote what it is about: commits of those that notify go one after another.
      if (payload !== null)
        await db.run(often(`SELECT pg_notify('${CHANNEL}', $1)`), payload).catch(() => {});
      await new Promise<void>((resolve) => clock.setTimeout(resolve, EVERY_MS));
    }
    this.#sending = false;
  }

  /** As many as fit. Null: what there was fits into none. */
  #next(): string | null {
    let payload = `["${this.#sender}"`;
    const empty = payload;
    let bytes = payload.length + 1;
    for (const notice of this.#waiting) {
      const more = Buffer.byteLength(notice) + 1;
      const fits = bytes + more <= PAYLOAD_MAX;
      if (!fits && payload !== empty) break;
      this.#waiting.delete(notice);
      if (!fits) continue;
      payload += `,${notice}`;
      bytes += more;
    }
    return payload === empty ? null : `${payload}]`;
  }
}
