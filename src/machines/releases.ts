/** Conversations that have ended give up their leases: once all they wrote is kept, they may be another server's. */
import type { ConversationFact } from '../store/conversation-fact.ts';
import type { ConversationKey, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Conversation } from './conversation.ts';

export interface ReleaseParts {
  readonly store: Pick<Store, 'cluster'>;
  readonly onFact: (key: ConversationKey, fact: ConversationFact) => void;
}

export class Releases {
  readonly #parts: ReleaseParts;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: ReleaseParts) {
    this.#parts = parts;
  }

  begin({ key, journal }: Conversation, log: Log): void {
    const { store, onFact } = this.#parts;
    if (store.cluster === null) return;
    const released = journal
      .close()
      .catch((error: unknown) => log.error({ err: error }, 'a lease could not be given up'))
      .finally(() => {
        this.#underWay.delete(released);
        onFact(key, { type: 'activityChanged' });
      });
    this.#underWay.add(released);
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}
