/** Looks every few seconds whether something in the store has had its time. */
import type { ConversationKey, Store } from './store.ts';

const EVERY_MS = 5_000;
/** Frames of a turn stay replayable for so long after its end. */
export const REPLAYABLE_MS = 10 * 60_000;
/** A deleted conversation can be restored for so long. */
export const UNDO_MS = 10_000;
const DAY_MS = 86_400_000;

export interface HousekeeperParts {
  readonly store: Pick<Store, 'sweep'>;
  readonly now: () => number;
  /** Conversations not used for so long are forgotten; null: none is. */
  readonly retentionDays: number | null;
  /** A conversation is gone for good. */
  readonly onForgotten: (key: ConversationKey, sessionId: string) => void;
  readonly onError: (error: unknown) => void;
}

export class Housekeeper {
  readonly #parts: HousekeeperParts;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> | null = null;
  #stopped = false;

  constructor(parts: HousekeeperParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.sweep(), EVERY_MS).unref();
  }

  /** Resolves when nothing is due any more; a sweep that is under way is waited for. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweepAll()
      .catch(this.#parts.onError)
      .finally(() => {
        this.#sweeping = null;
      });
    return this.#sweeping;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    const { store, now, retentionDays, onForgotten } = this.#parts;
    let more = true;
    while (more && !this.#stopped) {
      const at = now();
      const swept = await store.sweep({
        endedBefore: at - REPLAYABLE_MS,
        deletedBefore: at - UNDO_MS,
        unusedSince: retentionDays === null ? null : at - retentionDays * DAY_MS,
      });
      if (swept.forgotten) onForgotten(swept.forgotten.key, swept.forgotten.sessionId);
      more = swept.more;
    }
  }
}
