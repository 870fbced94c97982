/**
 * What one socket sees. After `hello` it watches one conversation whole; before, as stock AG-UI clients do,
 * it sees the runs it sent or named and nothing else.
 */
import { FaultError } from '../faults.ts';
import type { Conversations, ParkedPrompts } from '../machines/conversations.ts';
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
import { caughtUp } from './caught-up.ts';
import type { Fanout } from './fanout.ts';
import { FollowedRuns } from './followed-runs.ts';
import type { Listeners } from './listeners.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { AgentRules, Choice, ClientFrame, ContextFill } from './protocol.ts';
import { endsRun, startsRun } from './run-chunks.ts';
import { Watcher } from './watcher.ts';
import { type WelcomeParts, welcome } from './welcome.ts';

/** What a client gets of the past at once; it pages for the rest. */
const SNAPSHOT = { messagesMax: 50, bytesMax: 256 * 1024, atLeastOne: false };

export interface ViewerParts extends WelcomeParts {
  readonly store: Store;
  readonly fanout: Fanout;
  /** Through which it hears of its user’s conversations and limits. */
  readonly listeners: Listeners;
  readonly conversations: Conversations;
  readonly parking: ParkedPrompts;
  readonly rules: AgentRules;
  readonly newUuid: () => string;
  readonly choiceOf: (key: ConversationKey) => Promise<Choice>;
}

export class Viewer {
  readonly #parts: ViewerParts;
  readonly #outbox: Outbox;
  readonly #connection: Peer;
  /** Of the conversation that is watched whole. */
  #watcher: Watcher | null = null;
  readonly #runs: FollowedRuns;
  #threadId: string | null = null;
  #leaveListeners: (() => void) | null = null;
  #closed = false;

  constructor(parts: ViewerParts, outbox: Outbox, connection: Peer) {
    this.#parts = parts;
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
    const { store } = this.#parts;
    this.#leaveListeners ??= this.#parts.listeners.join(this.#connection.identity.user, (frame) =>
      this.#outbox.tell(frame),
    );
    const watched = threadId ?? this.#parts.newUuid();
    const key = this.#key(watched);
    this.#threadId = watched;
    await this.#welcome(key, watched);
    await Promise.all([this.#parts.conversations.look([key]), this.#parts.parking.look(key)]);
    let position = after === null ? null : decodeCursor(after);
    if (position === null || !(await store.read(key, position, 1)).valid)
      position = await this.#reset(key);
    this.#begin(key, watched, position);
  }

  #begin(key: ConversationKey, threadId: string, position: Position | null): void {
    if (this.#closed || this.#threadId !== threadId) return; // it closed, or switched, meanwhile
    this.#watcher = this.#createWatcher(key, position, null, (head) => this.#arrived(key, head));
    // After the watcher has begun: a change that this does not tell is told by it.
    this.#tellChosen(key, threadId).catch(() => this.#connection.fail('store.unavailable'));
  }

  async #tellChosen(key: ConversationKey, threadId: string): Promise<void> {
    const choice = await this.#parts.choiceOf(key);
    if (!this.#closed && this.#threadId === threadId)
      this.#outbox.tell({ type: 'chosen', ...choice });
  }

  /** Its place in the journal has gone: it read too slowly, or the conversation was deleted. */
  async #beginAgain(key: ConversationKey): Promise<void> {
    const threadId = threadOf(key);
    if (this.#closed || this.#threadId !== threadId) return;
    this.#watcher?.close();
    this.#begin(key, threadId, await this.#reset(key));
  }

  /** Whether it is the conversation that is watched whole. */
  watches(key: ConversationKey): boolean {
    return this.#threadId === threadOf(key);
  }

  /** A run that this socket sent or named; one that watches the conversation whole sees it there. */
  async follow(key: ConversationKey, runId: string): Promise<void> {
    if (this.#threadId === null) await this.#runs.follow(key, runId);
  }

  /** A stock client that comes back for the rest of one run. */
  resume(runId: string, offset: string): Promise<void> {
    return this.#runs.resume(runId, offset);
  }

  /** Once this run has ended, there is nothing more to say. */
  endAfter(runId: string): void {
    this.#runs.endAfter(runId);
  }

  /** The conversation that is watched whole, and how far. */
  get watched(): Pick<Watcher, 'key' | 'at'> | null {
    return this.#watcher;
  }

  async warm(): Promise<void> {
    if (this.#threadId !== null) await this.#parts.conversations.warm(this.#key(this.#threadId));
  }

  /** For the conversation that is watched. @throws {FaultError} `choice.refused`, `repository.*`. */
  async choose(frame: Extract<ClientFrame, { type: 'choose' }>): Promise<void> {
    if (this.#threadId === null) throw new FaultError('choice.refused');
    const { type: _, ref: __, ...change } = frame;
    await this.#parts.conversations.choose(this.#key(this.#threadId), change);
  }

  /** The socket has gone; nothing is opened any more. */
  close(): void {
    this.#closed = true;
    this.#leaveListeners?.();
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
    const { head } = await this.#parts.store.head(key);
    const frame = await welcome(this.#parts, this.#connection.identity, threadId, head);
    this.#outbox.tell({ ...frame, rules: this.#parts.rules });
  }

  /** Tells the past as messages; returns where the frames go on. */
  async #reset(key: ConversationKey): Promise<Position | null> {
    const { head, messages, before } = await this.#parts.store.snapshot(key, SNAPSHOT);
    this.#outbox.tell({ type: 'reset', head: head && encodeCursor(head), messages, before });
    return head;
  }

  #arrived(key: ConversationKey, head: Position | null): void {
    const { conversations, parking } = this.#parts;
    this.#outbox.tell(caughtUp(head, conversations.find(key)));
    const parked = parking.in(key);
    this.#connection.session.send({
      type: 'watch.changed',
      runId: conversations.find(key)?.liveRunId ?? null,
      parked: parked ? { runId: parked.command.runId, refusal: parked.refusal } : null,
    });
    this.#connection.tellState();
    this.#tellPending(key);
    this.#parts.store
      .context(key)
      .then((fill) => fill && this.#threadId === threadOf(key) && this.#tellContext(fill))
      .catch(() => this.#connection.fail('store.unavailable'));
  }

  #tellContext({ usedTokens, maxTokens }: ContextFill): void {
    this.#outbox.tell({ type: 'context', usedTokens, maxTokens });
  }

  #tellPending(key: ConversationKey): void {
    const { conversations, parking } = this.#parts;
    const items = [...(conversations.find(key)?.pending ?? []), ...parking.pendingIn(key)];
    this.#outbox.tell({ type: 'pending', items });
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
        if (fact.type === 'contextFilled' && connection.greeted) this.#tellContext(fact);
        if (fact.type === 'pendingChanged' && connection.greeted) this.#tellPending(key);
        if (fact.type === 'chosen' && connection.greeted)
          this.#outbox.tell({ type: 'chosen', ...fact.choice });
        if (fact.type === 'promptParked' && connection.greeted)
          connection.session.send({ ...fact, type: 'prompt.parked' });
        if (fact.type === 'promptUnparked' && connection.greeted)
          connection.session.send({ type: 'prompt.unparked', runId: fact.runId });
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
