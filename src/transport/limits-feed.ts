/** Tells every socket of a user what they have used and have left, when that has changed. */
import type { Limits } from '../store/limits.ts';
import type { Log } from '../telemetry/log.ts';
import type { Listeners } from './listeners.ts';
import type { LimitViews } from './protocol.ts';

/** A run that streams changes the figures all the time; nobody reads faster. */
const PAUSE_MS = 1_000;

export interface LimitsFeedParts {
  readonly listeners: Listeners;
  readonly store: Pick<Limits, 'onCharged'>;
  readonly limits: (user: string) => Promise<LimitViews>;
  readonly log: Log;
}

export class LimitsFeed {
  readonly #parts: LimitsFeedParts;
  /** Users that were told a moment ago, or are being; true: something changed since. */
  readonly #recent = new Map<string, boolean>();

  constructor(parts: LimitsFeedParts) {
    this.#parts = parts;
    parts.store.onCharged((user) => this.changed(user));
  }

  /** The operator allows other limits. */
  allChanged(): void {
    for (const user of this.#parts.listeners.users) this.changed(user);
  }

  changed(user: string): void {
    if (!this.#parts.listeners.has(user)) return;
    if (this.#recent.has(user)) this.#recent.set(user, true);
    else void this.#tell(user);
  }

  async #tell(user: string): Promise<void> {
    this.#recent.set(user, false);
    setTimeout(() => {
      const changed = this.#recent.get(user);
      this.#recent.delete(user);
      if (changed) this.changed(user);
    }, PAUSE_MS).unref();
    try {
      const views = await this.#parts.limits(user);
      this.#parts.listeners.tell(user, { type: 'limits', ...views });
    } catch (error) {
      this.#parts.log.error({ err: error }, 'limits were not told');
    }
  }
}
