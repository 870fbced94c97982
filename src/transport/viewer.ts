/**
 * What one socket sees. After `hello` it watches one conversation whole; before, as stock AG-UI clients do,
 * it sees the runs it sent or named and nothing else.
 */
import type { Supervisor } from '../machines/supervisor.ts';
import {
  type ConversationKey,
  conversationKey,
  decodeCursor,
  encodeCursor,
  type Position,
  type Row,
  type Store,
  threadOf,
} from '../store/store.ts';
import type { Connection } from './connection.ts';
import type { Drafts } from './drafts.ts';
import type { Fanout } from './fanout.ts';
import type { Outbox } from './outbox.ts';
import type { AgentInfo, DirectFrame, LimitView } from './protocol.ts';
import { snapshotOf } from './snapshot.ts';
import { Watcher } from './watcher.ts';

/** Runs a socket without `hello` may follow at once; the one followed longest is let go. */
const FOLLOWED_MAX = 32;
const SNAPSHOT_ROWS = 10_000;

export interface ViewerParts {
  readonly store: Store;
  readonly fanout: Fanout;
  readonly supervisor: Supervisor;
  readonly newUuid: () => string;
  readonly limits: (
    user: string,
  ) => Promise<{ hour: LimitView; day: LimitView; tokens: LimitView }>;
  readonly agent: AgentInfo;
  readonly version: string;
  readonly maxPromptBytes: number;
}

export class Viewer {
  readonly #parts: ViewerParts;
  readonly #drafts: Drafts;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  /** Of the conversation that is watched whole. */
  #watcher: Watcher | null = null;
  /** Of each run that is followed by itself. */
  readonly #runs = new Map<string, Watcher>();
  #threadId: string | null = null;
  #closed = false;
  /** Once the end of this run was sent, the socket is closed. */
  #endAfter: string | null = null;

  constructor(parts: ViewerParts, drafts: Drafts, outbox: Outbox, connection: Connection) {
    this.#parts = parts;
    this.#drafts = drafts;
    this.#outbox = outbox;
    this.#connection = connection;
  }

  /** `hello`: from now on this socket watches one conversation, from `after` or from a snapshot. */
  async watch(threadId: string | null, after: string | null): Promise<void> {
    if (this.#closed) return;
    this.#leaveAll();
    const { store } = this.#parts;
    const watched = threadId ?? this.#parts.newUuid();
    const key = this.#key(watched);
    this.#threadId = watched;
    await this.#welcome(key, watched);
    let position = after === null ? null : decodeCursor(after);
    if (position === null || !(await store.read(key, position, 1)).valid)
      position = await this.#reset(key);
    if (this.#closed || this.#threadId !== watched) return; // it closed, or switched, meanwhile
    this.#watcher = this.#createWatcher(key, position, null, (head) => this.#arrived(key, head));
  }

  /** Follows one run: from `after`, or from its own start where it had begun. */
  async follow(key: ConversationKey, runId: string, after?: Position | null): Promise<void> {
    if (this.#follows(runId)) return;
    const run = await this.#parts.store.run(this.#connection.identity.user, runId);
    const { head } = await this.#parts.store.head(key);
    const from = after !== undefined ? after : run?.started ? run.before : head;
    if (this.#closed || this.#follows(runId)) return;
    const watcher = this.#createWatcher(key, from, runId, () => {});
    this.#runs.set(runId, watcher);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > FOLLOWED_MAX && oldest !== undefined) this.#leave(oldest);
  }

  /** One that watches the conversation whole sees the run in it. */
  #follows(runId: string): boolean {
    return this.#threadId !== null || this.#runs.has(runId);
  }

  /** A stock client that comes back: the rest of one run, then a clean close. */
  async resume(runId: string, offset: string): Promise<void> {
    const { store } = this.#parts;
    const run = await store.run(this.#connection.identity.user, runId);
    if (run === null) return this.#connection.fail('run.unknown');
    const cursor = offset === '-1' ? run.before : decodeCursor(offset);
    const valid =
      offset === '-1' || (cursor !== null && (await store.read(run.key, cursor, 1)).valid);
    if (!valid) return this.#connection.fail('cursor.unknown');
    this.#endAfter = runId; // before it is followed: its last frame may go out at once
    await this.follow(run.key, runId, cursor);
    // The client may have had the last frame already: then there is nothing to wait for.
    const rest = run.ended ? await store.read(run.key, cursor, SNAPSHOT_ROWS) : null;
    if (rest?.valid && !rest.rows.some((row) => row.runId === runId)) this.#connection.end();
  }

  async warm(): Promise<void> {
    if (this.#threadId !== null) await this.#parts.supervisor.warm(this.#key(this.#threadId));
  }

  /** The socket has gone; nothing is opened any more. */
  close(): void {
    this.#closed = true;
    this.#leaveAll();
  }

  #leaveAll(): void {
    this.#watcher?.close();
    this.#watcher = null;
    for (const runId of [...this.#runs.keys()]) this.#leave(runId);
    this.#threadId = null;
  }

  #leave(runId: string): void {
    this.#runs.get(runId)?.close();
    this.#runs.delete(runId);
  }

  #key(threadId: string): ConversationKey {
    return conversationKey(this.#connection.identity.user, threadId);
  }

  async #welcome(key: ConversationKey, threadId: string): Promise<void> {
    const { store, agent, version, limits, maxPromptBytes } = this.#parts;
    const { user, operator } = this.#connection.identity;
    const { head } = await store.head(key);
    this.#outbox.tell({
      type: 'welcome',
      protocol: 1,
      version,
      user,
      operator,
      threadId,
      head: head && encodeCursor(head),
      limits: await limits(user),
      agent,
      sandbox: 'none',
      maxPromptBytes,
    });
  }

  async #reset(key: ConversationKey): Promise<Position | null> {
    const rows: Row[] = [];
    for (;;) {
      const page = await this.#parts.store.read(key, rows.at(-1) ?? null, SNAPSHOT_ROWS);
      if (!page.valid || page.rows.length === 0) break;
      rows.push(...page.rows);
    }
    const { head, frame } = snapshotOf(rows);
    this.#outbox.tell(frame);
    return head;
  }

  #arrived(key: ConversationKey, head: Position | null): void {
    this.#outbox.tell({ type: 'caughtUp', head: head && encodeCursor(head) });
    const conversation = this.#parts.supervisor.find(key);
    this.#connection.session.send({
      type: 'watch.changed',
      runId: conversation?.liveRunId ?? null,
    });
    this.#connection.tellState();
    this.#tellPending(key);
  }

  #tellPending(key: ConversationKey): void {
    const frame: DirectFrame = {
      type: 'pending',
      items: [...(this.#parts.supervisor.find(key)?.pending ?? []), ...this.#drafts.parkedIn(key)],
    };
    this.#outbox.tell(frame);
  }

  /** @param runId The one run to see; null for all of the conversation. */
  #createWatcher(
    key: ConversationKey,
    after: Position | null,
    runId: string | null,
    onCaughtUp: (head: Position | null) => void,
  ): Watcher {
    const { store, fanout } = this.#parts;
    const connection = this.#connection;
    return new Watcher({
      key,
      after,
      store,
      fanout,
      outbox: this.#outbox,
      wants: (id) => runId === null || id === runId,
      onCaughtUp,
      onInvalid: () => connection.fail('cursor.unknown'),
      onError: () => connection.fail('store.unavailable'),
      onSent: (row) => this.#sent(row),
      onFact: (fact) => {
        if (fact.type === 'pendingChanged' && connection.greeted) this.#tellPending(key);
        if (fact.type === 'promptWithdrawn' && fact.runId === runId)
          this.#tellWithdrawn(key, runId);
      },
    });
  }

  /** The session's state follows what the client was sent, so that both tell the same story. */
  #sent({ runId, chunk }: Row): void {
    const { session } = this.#connection;
    if (startsRun(chunk)) session.send({ type: 'run.started', runId });
    if (!endsRun(chunk)) return;
    if (runId === this.#endAfter) this.#connection.end(); // before a drain closes it for another reason
    session.send({ type: 'run.ended', runId });
    this.#leave(runId);
  }

  /** A client that waits for a run it took back must see it end; nothing of it was kept. */
  #tellWithdrawn(key: ConversationKey, runId: string): void {
    const threadId = threadOf(key);
    this.#outbox.tell({ type: 'RUN_STARTED', threadId, runId });
    this.#outbox.tell({ type: 'RUN_FINISHED', threadId, runId, outcome: { type: 'cancelled' } });
  }
}

// Chunks are written by us with their type first, so that these need no parsing.

function startsRun(chunk: string): boolean {
  return chunk.startsWith('{"type":"RUN_STARTED"');
}

function endsRun(chunk: string): boolean {
  return chunk.startsWith('{"type":"RUN_FINISHED"') || chunk.startsWith('{"type":"RUN_ERROR"');
}
