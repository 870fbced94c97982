/** What other servers tell of conversations, heard in the order it was told, once this one knows what there is to see. */
import type { ConversationFact } from '../../store/conversation-fact.ts';
import type { ConversationKey } from '../../store/store.ts';
import type { ClusterConversations } from './conversations.ts';
import type { ClusterParking } from './parking.ts';

export interface HearingParts {
  readonly conversations: Pick<ClusterConversations, 'look'>;
  readonly parked: Pick<ClusterParking, 'parked' | 'unparked' | 'look' | 'keys'>;
  readonly isWatched: (key: ConversationKey) => boolean;
  /** What those hear who are connected here. */
  readonly hear: (key: ConversationKey, fact: ConversationFact) => void;
  readonly onError: (error: unknown) => void;
}

export class Hearing {
  readonly #parts: HearingParts;
  /** Of each conversation, the last that is being heard. */
  readonly #last = new Map<ConversationKey, Promise<void>>();

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  heard(key: ConversationKey, fact: ConversationFact): void {
    this.#after(key, () => this.#hear(key, fact));
  }

  /** Whatever was told meanwhile was missed: those who watch are shown how it stands. */
  missed(watched: readonly ConversationKey[]): void {
    const { parked } = this.#parts;
    for (const key of new Set([...watched, ...parked.keys]))
      this.#after(key, async () => {
        await parked.look(key);
        await this.#hear(key, { type: 'pendingChanged' });
      });
  }

  #after(key: ConversationKey, work: () => Promise<void>): void {
    const before = this.#last.get(key) ?? Promise.resolve();
    const done = before.then(work).catch(this.#parts.onError);
    this.#last.set(key, done);
    void done.then(() => this.#last.get(key) === done && this.#last.delete(key));
  }

  async #hear(key: ConversationKey, fact: ConversationFact): Promise<void> {
    const { conversations, parked, isWatched, hear } = this.#parts;
    if (fact.type === 'promptUnparked') parked.unparked(key, fact.runId);
    if (fact.type !== 'activityChanged' && !isWatched(key)) return;
    if (fact.type === 'promptParked') await parked.parked(key, fact.runId, fact.refusal);
    if (fact.type === 'pendingChanged') await conversations.look([key]);
    hear(key, fact);
  }
}
