/** What goes on in conversations, as their owners say, for nodes that do not own them. */
import type { LiveState, SaidState } from '../cluster.ts';
import type { ConversationKey, Lease } from '../store.ts';
import type { Sql } from './database.ts';
import { LIVING } from './nodes.ts';
import { often } from './often.ts';

/**
 * A conversation's place, as long as it is a node's under one term; nobody takes it over before the statement has
 * ended. Takes the key, the term and the node as the first three values.
 */
export const OWN_PLACE = `own AS (SELECT conversation FROM places
  WHERE conversation = (SELECT id FROM conversations WHERE key = $1) AND term = $2 AND owner = $3
  FOR NO KEY UPDATE)`;

export interface LiveParts {
  readonly db: Sql;
  readonly node: () => string;
}

/** As it is kept: under the term it was said in, as it is not true of the next owner. */
interface Said {
  readonly term: number;
  readonly state: SaidState;
}

interface LiveRow {
  readonly key: ConversationKey;
  readonly term: number;
  readonly live_json: string;
  readonly run_id: string | null;
}

export class Live {
  readonly #parts: LiveParts;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Under a void lease it does nothing. */
  async set({ key, term }: Lease, state: SaidState | null): Promise<void> {
    const { db, node } = this.#parts;
    await db.run(
      often(`WITH ${OWN_PLACE}
       UPDATE conversations SET live_json = $4 FROM own WHERE id = own.conversation`),
      ...[key, term, node(), state && JSON.stringify({ term, state } satisfies Said)],
    );
  }

  async of(keys: readonly ConversationKey[]): Promise<Map<ConversationKey, LiveState>> {
    const live = new Map<ConversationKey, LiveState>();
    if (keys.length === 0) return live;
    const { db, node } = this.#parts;
    // Which run is at work is what the journal says: it changes more often than the rest.
    const rows = await db.all<LiveRow>(
      often(`SELECT c.key, p.term, c.live_json,
         (SELECT run_id FROM runs WHERE conversation = c.id AND started AND NOT ended LIMIT 1) AS run_id
       FROM conversations c
         JOIN places p ON p.conversation = c.id JOIN nodes n ON n.id = p.owner
         WHERE c.key = ANY($1) AND c.live_json IS NOT NULL AND p.owner <> $2 AND ${LIVING}`),
      ...[keys, node()],
    );
    for (const { key, term, live_json, run_id: liveRunId } of rows) {
      const said = JSON.parse(live_json) as Said;
      if (said.term === term) live.set(key, { ...said.state, liveRunId });
    }
    return live;
  }
}
