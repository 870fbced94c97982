/** What goes on in conversations that other servers run: what they last said, of those that somebody here asked of. */
import type { Cluster, LiveState } from '../../store/cluster.ts';
import type { ConversationKey } from '../../store/store.ts';

/** Asked of and forgotten one after the other: more than all sockets of a server look at at once. */
const KNOWN_MAX = 20_000;

export class Elsewhere {
  readonly #cluster: Pick<Cluster, 'liveOf'>;
  readonly #states = new Map<ConversationKey, LiveState>();

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
    const found = await this.#cluster.liveOf(keys);
    for (const key of keys) {
      this.#states.delete(key);
      const state = found.get(key);
      if (state) this.#states.set(key, state);
    }
    for (const key of this.#states.keys()) {
      if (this.#states.size <= KNOWN_MAX) break;
      this.#states.delete(key);
    }
  }
}
