/** The runs that a socket without `hello` sent or named: as stock AG-UI clients, it sees these and nothing else. */
import {
  type ConversationKey,
  decodeCursor,
  type Position,
  type Store,
  threadOf,
} from '../store/store.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Watcher } from './watcher.ts';

/** Runs followed at once; the one followed longest is let go. */
const FOLLOWED_MAX = 32;
const MESSAGES = { messagesMax: 50, bytesMax: 256 * 1024, atLeastOne: false };

export interface FollowedRunsParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly connection: Peer;
  readonly watch: (key: ConversationKey, from: Position | null, runId: string) => Watcher;
}

export class FollowedRuns {
  readonly #parts: FollowedRunsParts;
  readonly #watchers = new Map<string, Watcher>();
  /** Once the end of this run was told, the line is closed. */
  #endAfter: string | null = null;
  #left = false;

  constructor(parts: FollowedRunsParts) {
    this.#parts = parts;
  }

  /** From `after`, or from the run's own start where it had begun. */
  async follow(key: ConversationKey, runId: string, after?: Position | null): Promise<void> {
    if (this.#watchers.has(runId)) return;
    const { store, connection, watch } = this.#parts;
    const run = await store.run(connection.identity.user, runId);
    const { head } = await store.head(key);
    const from = after !== undefined ? after : run?.started ? run.before : head;
    const isGone = run?.ended === true && !(await store.read(key, from, 1)).valid;
    if (this.#left || this.#watchers.has(runId)) return;
    if (isGone) return this.#tellAsMessages(key, runId);
    this.#watchers.set(runId, watch(key, from, runId));
    const [oldest] = this.#watchers.keys();
    if (this.#watchers.size > FOLLOWED_MAX && oldest !== undefined) this.#leave(oldest);
  }

  /** Closes the line cleanly once the end of this run was told. */
  endAfter(runId: string): void {
    this.#endAfter = runId;
  }

  /** The rest of one run, then a clean close. */
  async resume(runId: string, offset: string): Promise<void> {
    const { store, connection } = this.#parts;
    const run = await store.run(connection.identity.user, runId);
    if (run === null) return connection.fail('run.unknown');
    const cursor = offset === '-1' ? run.before : decodeCursor(offset);
    const valid =
      offset === '-1' || (cursor !== null && (await store.read(run.key, cursor, 1)).valid);
    if (!valid) return connection.fail('cursor.unknown');
    this.endAfter(runId); // before it is followed: its last frame may go out at once
    await this.follow(run.key, runId, cursor);
    if (!run.ended) return;
    // The client may have had the last frame already: then there is nothing to wait for. One run is one stretch.
    const next = await store.read(run.key, cursor, 1);
    if (!next.valid || next.rows[0]?.runId !== runId) connection.end();
  }

  /** The end of a run was told. */
  ended(runId: string): void {
    this.#leave(runId);
    if (runId === this.#endAfter) this.#parts.connection.end();
  }

  /** A client that waits for a run it took back must see it end; nothing of it was kept. */
  withdrawn(key: ConversationKey, runId: string): void {
    const { outbox } = this.#parts;
    const ids = { threadId: threadOf(key), runId };
    outbox.tell({ type: 'RUN_STARTED', ...ids });
    outbox.tell({ type: 'RUN_FINISHED', ...ids, outcome: { type: 'cancelled' } });
    this.ended(runId);
  }

  /** The socket watches a conversation whole from now on, or has gone. */
  leaveAll(): void {
    this.#left = true;
    for (const runId of [...this.#watchers.keys()]) this.#leave(runId);
  }

  #leave(runId: string): void {
    this.#watchers.get(runId)?.close();
    this.#watchers.delete(runId);
  }

  /** One that was sent again long after it ended: its frames have gone, what was said is there. */
  async #tellAsMessages(key: ConversationKey, runId: string): Promise<void> {
    const { store, outbox } = this.#parts;
    const { messages } = await store.messages(key, null, MESSAGES);
    const ids = { threadId: threadOf(key), runId };
    outbox.tell({ type: 'RUN_STARTED', ...ids });
    outbox.tell({ type: 'MESSAGES_SNAPSHOT', messages });
    outbox.tell({ type: 'RUN_FINISHED', ...ids, outcome: { type: 'success' } });
    this.ended(runId);
  }
}
