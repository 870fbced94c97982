/** What goes on in conversations that other servers run: what they last said, of those that somebody here asked of. */
import type { Cluster, LiveState } from '../../store/cluster.ts';
import type { ConversationKey } from '../../store/store.ts';

/** Asked of and forgotten one after the other: more than all sockets of a server look at at once. */
const KNOWN_MAX = 20_000;

export class Elsewhere {
  readonly #cluster: Pick<Cluster, 'liveOf'>;
  readonly #states = new Map<ConversationKey, LiveState>();
  /** Of each that is being looked at, the newest look that has answered. */
  readonly #answered = new Map<ConversationKey, number>();
  #looks = 0;
  #underWay = 0;

  constructor(cluster: Pick<Cluster, 'liveOf'>) {
    this.#cluster = cluster;
  }

  find(key: ConversationKey): LiveState | undefined {
    return this.#states.get(key);
  }

  get keys(): ConversationKey[] {
    return [...this.#states.keys()];
  }

  async look(keys: readonly ConversationKey[]): Promise<void> {
    if (keys.length === 0) return;
    this.#looks += 1;
    this.#underWay += 1;
    const look = this.#looks;
    try {
      const found = await this.#cluster.liveOf(keys);
      for (const key of keys) this.#keep(key, found.get(key), look);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#answered.clear();
    }
    this.#forgetOldest();
  }

  /** It is this server's now: what another said of it is over. */
  forget(key: ConversationKey): void {
    this.#looks += 1; // looks that are under way are overtaken
    this.#keep(key, undefined, this.#looks);
    if (this.#underWay === 0) this.#answered.clear();
  }

  /** An answer that was overtaken says nothing any more. */
  #keep(key: ConversationKey, state: LiveState | undefined, look: number): void {
    if (look < (this.#answered.get(key) ?? 0)) return;
    this.#answered.set(key, look);
    this.#states.delete(key);
    if (state) this.#states.set(key, state);
  }

  #forgetOldest(): void {
    for (const key of this.#states.keys()) {
      if (this.#states.size <= KNOWN_MAX) break;
      this.#states.delete(key);
    }
  }
}
