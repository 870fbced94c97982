/** Tells other servers what goes on in the conversations of this one: kept first, then told, so that who hears of it finds it. */
import type { Cluster, SaidState } from '../../store/cluster.ts';
import type { ConversationFact } from '../../store/conversation-fact.ts';
import type { ConversationKey } from '../../store/store.ts';
import type { Conversation } from '../conversation.ts';
import type { Supervisor } from '../supervisor.ts';

export interface PublisherParts {
  readonly cluster: Pick<Cluster, 'setLive' | 'tell'>;
  readonly supervisor: Pick<Supervisor, 'find'>;
  readonly onError: (error: unknown) => void;
}

type Changed = Extract<ConversationFact, { type: 'activityChanged' | 'pendingChanged' }>;

export class Publisher {
  readonly #parts: PublisherParts;
  /** What is to be told once the state that is being kept is. */
  readonly #waiting = new Map<ConversationKey, Set<Changed['type']>>();
  readonly #keeping = new Set<ConversationKey>();
  /** The store could not keep their states. */
  readonly #missed = new Set<ConversationKey>();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  tell(key: ConversationKey, fact: ConversationFact): void {
    if (fact.type !== 'activityChanged' && fact.type !== 'pendingChanged')
      return this.#parts.cluster.tell(key, fact);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(fact.type));
    if (this.#keeping.has(key)) return;
    this.#keeping.add(key);
    void this.#keep(key);
  }

  async #keep(key: ConversationKey): Promise<void> {
    await null; // what one step of the machine changes is told together
    for (let types = this.#take(key); types; types = this.#take(key)) {
      try {
        await this.#say(key, types);
      } catch (error) {
        this.#parts.onError(error);
        this.#missed.add(key);
      }
    }
    this.#keeping.delete(key); // in the same step as the last look: what changes after it is kept anew
  }

  async #say(key: ConversationKey, types: ReadonlySet<Changed['type']>): Promise<void> {
    const { cluster, supervisor } = this.#parts;
    const conversation = supervisor.find(key);
    if (conversation) await cluster.setLive(conversation.journal.lease, stateOf(conversation));
    for (const type of types) cluster.tell(key, { type });
    this.#missed.delete(key);
  }

  /** What could not be kept is kept now, as it stands by now: nobody would hear of it otherwise. */
  again(): void {
    for (const key of [...this.#missed]) {
      this.tell(key, { type: 'activityChanged' });
      this.tell(key, { type: 'pendingChanged' });
    }
  }

  #take(key: ConversationKey): Set<Changed['type']> | undefined {
    const types = this.#waiting.get(key);
    this.#waiting.delete(key);
    return types;
  }
}

function stateOf({ activity, heardAt, pending }: Conversation): SaidState {
  return { activity, heardAt, pending };
}
