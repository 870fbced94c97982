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
import type { Feed } from './feed.ts';
import { FollowedRuns } from './followed-runs.ts';
import type { Outbox } from './outbox.ts';
import type { AgentInfo, DirectFrame, LimitView, Offers } from './protocol.ts';
import { Watcher } from './watcher.ts';

/** What a client gets of the past at once; it pages for the rest. */
const SNAPSHOT = { messagesMax: 50, bytesMax: 256 * 1024, atLeastOne: false };

export interface ViewerParts {
  readonly store: Store;
  readonly fanout: Fanout;
  readonly feed: Feed;
  readonly supervisor: Supervisor;
  readonly newUuid: () => string;
  readonly limits: (
    user: string,
  ) => Promise<{ hour: LimitView; day: LimitView; tokens: LimitView }>;
  readonly agent: AgentInfo;
  /** What keeps Claude's processes apart from the rest of the machine. */
  readonly sandbox: 'bwrap' | 'none';
  readonly version: string;
  readonly maxPromptBytes: number;
  readonly offers: Offers;
}

export class Viewer {
  readonly #parts: ViewerParts;
  readonly #drafts: Drafts;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  /** Of the conversation that is watched whole. */
  #watcher: Watcher | null = null;
  readonly #runs: FollowedRuns;
  #threadId: string | null = null;
  #leaveFeed: (() => void) | null = null;
  #closed = false;

  constructor(parts: ViewerParts, drafts: Drafts, outbox: Outbox, connection: Connection) {
    this.#parts = parts;
    this.#drafts = drafts;
    this.#outbox = outbox;
    this.#connection = connection;
    this.#runs = new FollowedRuns({
      store: parts.store,
      outbox,
      connection,
      watch: (key, from, runId) => this.#createWatcher(key, from, runId, () => {}),
    });
  }

  /** `hello`: from now on this socket watches one conversation, from `after` or from a snapshot. */
  async watch(threadId: string | null, after: string | null): Promise<void> {
    if (this.#closed) return;
    this.#leaveAll();
    const { store, feed } = this.#parts;
    const { user } = this.#connection.identity;
    this.#leaveFeed ??= feed.join(user, (frame) => this.#outbox.tell(frame));
    const watched = threadId ?? this.#parts.newUuid();
    const key = this.#key(watched);
    this.#threadId = watched;
    await this.#welcome(key, watched);
    let position = after === null ? null : decodeCursor(after);
    if (position === null || !(await store.read(key, position, 1)).valid)
      position = await this.#reset(key);
    this.#begin(key, watched, position);
  }

  #begin(key: ConversationKey, threadId: string, position: Position | null): void {
    if (this.#closed || this.#threadId !== threadId) return; // it closed, or switched, meanwhile
    this.#watcher = this.#createWatcher(key, position, null, (head) => this.#arrived(key, head));
  }

  /** Its place in the journal has gone: it read too slowly, or the conversation was deleted. */
  async #beginAgain(key: ConversationKey): Promise<void> {
    const threadId = threadOf(key);
    if (this.#closed || this.#threadId !== threadId) return;
    this.#watcher?.close();
    this.#begin(key, threadId, await this.#reset(key));
  }

  /** A run that this socket sent or named; one that watches the conversation whole sees it there. */
  async follow(key: ConversationKey, runId: string): Promise<void> {
    if (this.#threadId === null) await this.#runs.follow(key, runId);
  }

  /** A stock client that comes back for the rest of one run. */
  resume(runId: string, offset: string): Promise<void> {
    return this.#runs.resume(runId, offset);
  }

  async warm(): Promise<void> {
    if (this.#threadId !== null) await this.#parts.supervisor.warm(this.#key(this.#threadId));
  }

  /** The socket has gone; nothing is opened any more. */
  close(): void {
    this.#closed = true;
    this.#leaveFeed?.();
    this.#leaveAll();
  }

  #leaveAll(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#runs.leaveAll();
    this.#threadId = null;
  }

  #key(threadId: string): ConversationKey {
    return conversationKey(this.#connection.identity.user, threadId);
  }

  async #welcome(key: ConversationKey, threadId: string): Promise<void> {
    const { store, agent, sandbox, version, limits, maxPromptBytes, offers } = this.#parts;
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
      sandbox,
      maxPromptBytes,
      offers,
    });
  }

  /** Tells the past as messages; returns where the frames go on. */
  async #reset(key: ConversationKey): Promise<Position | null> {
    const { head, messages, before } = await this.#parts.store.snapshot(key, SNAPSHOT);
    this.#outbox.tell({ type: 'reset', head: head && encodeCursor(head), messages, before });
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
      onInvalid: () => {
        if (runId !== null) return connection.fail('cursor.unknown');
        this.#beginAgain(key).catch(() => connection.fail('store.unavailable'));
      },
      onError: () => connection.fail('store.unavailable'),
      onSent: (row) => this.#sent(row),
      onFact: (fact) => {
        if (fact.type === 'pendingChanged' && connection.greeted) this.#tellPending(key);
        if (fact.type === 'journalFailed') connection.fail(fact.fault);
        if (fact.type === 'promptWithdrawn' && fact.runId === runId)
          this.#runs.withdrawn(key, runId);
      },
    });
  }

  /** The session's state follows what the client was sent, so that both tell the same story. */
  #sent({ runId, chunk }: Row): void {
    const { session } = this.#connection;
    if (startsRun(chunk)) session.send({ type: 'run.started', runId });
    if (!endsRun(chunk)) return;
    this.#runs.ended(runId); // first, as it may end the session cleanly, and a drain for another reason
    session.send({ type: 'run.ended', runId });
  }
}

// Chunks are written by us with their type first, so that these need no parsing.

function startsRun(chunk: string): boolean {
  return chunk.startsWith('{"type":"RUN_STARTED"');
}

function endsRun(chunk: string): boolean {
  return chunk.startsWith('{"type":"RUN_FINISHED"') || chunk.startsWith('{"type":"RUN_ERROR"');
}
