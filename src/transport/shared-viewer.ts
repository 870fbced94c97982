/** What a reader by a link sees: the conversation as its owner does, from the same journal, and nothing besides. */
import type { Conversations } from '../machines/conversations.ts';
import {
  decodeCursor,
  encodeCursor,
  type Position,
  type Row,
  type Store,
  threadOf,
  userOf,
} from '../store/store.ts';
import { caughtUp } from './caught-up.ts';
import type { Fanout } from './fanout.ts';
import type { Peer } from './peer.ts';
import { endsRun, startsRun } from './run-chunks.ts';
import { sharedOutbox } from './shared-rows.ts';
import type { Opened, Shares } from './shares.ts';
import { Watcher } from './watcher.ts';
import { type WelcomeParts, welcome } from './welcome.ts';

/** What a reader gets of the past at once; it pages for the rest. */
const SNAPSHOT = { messagesMax: 50, bytesMax: 256 * 1024, atLeastOne: false };

export interface SharedViewerParts extends WelcomeParts {
  readonly shares: Shares;
  readonly store: Store;
  readonly fanout: Fanout;
  readonly conversations: Pick<Conversations, 'find' | 'look'>;
}

export class SharedViewer {
  readonly #parts: SharedViewerParts;
  readonly #peer: Peer;
  #opened: Opened | null = null;
  #watcher: Watcher | null = null;
  #closed = false;

  constructor(parts: SharedViewerParts, peer: Peer) {
    this.#parts = parts;
    this.#peer = peer;
  }

  /**
   * `hello`: watches what the link leads to, from `after` or from a snapshot, until it leads there no more.
   * @throws {FaultError} `share.unknown`, `share.tooMany`.
   */
  async watch(id: string, after: string | null): Promise<void> {
    this.#leave();
    const { shares, store, conversations } = this.#parts;
    const { identity, outbox } = this.#peer;
    const opened = await shares.open(id, identity.user, () => this.#ended());
    if (this.#closed) return opened.leave();
    this.#opened = opened;
    const { key, title } = opened.share;
    await conversations.look([key]);
    const { head } = await store.head(key);
    const frame = await welcome(this.#parts, identity, threadOf(key), head);
    if (this.#opened !== opened) return;
    outbox.tell({ ...frame, shared: { by: userOf(key), title } });
    const position = after === null ? null : decodeCursor(after);
    if (position !== null && (await store.read(key, position, 1)).valid)
      this.#begin(opened, position);
    else await this.#beginAnew(opened);
  }

  /** The socket has gone; nothing is opened any more. */
  close(): void {
    this.#closed = true;
    this.#leave();
  }

  /** The link leads nowhere any more: what is on its way to this reader is the last. */
  #ended(): void {
    this.#leave();
    this.#peer.fail('share.unknown');
  }

  #leave(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#opened?.leave();
    this.#opened = null;
  }

  async #beginAnew(opened: Opened): Promise<void> {
    const { head, messages, before } = await this.#parts.store.snapshot(opened.share.key, SNAPSHOT);
    if (this.#opened !== opened) return;
    this.#peer.outbox.tell({ type: 'reset', head: head && encodeCursor(head), messages, before });
    this.#begin(opened, head);
  }

  #begin(opened: Opened, after: Position | null): void {
    if (this.#opened !== opened) return; // it ended, or another was opened, meanwhile
    const { store, fanout } = this.#parts;
    const peer = this.#peer;
    this.#watcher?.close();
    this.#watcher = new Watcher({
      ...{ key: opened.share.key, after, store, fanout },
      outbox: sharedOutbox(peer.outbox),
      wants: () => true,
      onCaughtUp: (head) => this.#arrived(opened, head),
      onInvalid: () => {
        this.#beginAnew(opened).catch(() => peer.fail('store.unavailable'));
      },
      onError: () => peer.fail('store.unavailable'),
      onSent: (row) => this.#sent(row),
      onFact: (fact) => {
        if (fact.type === 'journalFailed') peer.fail(fact.fault);
      },
    });
  }

  #arrived({ share: { key } }: Opened, head: Position | null): void {
    const conversation = this.#parts.conversations.find(key);
    this.#peer.outbox.tell(caughtUp(head, conversation));
    const runId = conversation?.liveRunId ?? null;
    this.#peer.session.send({ type: 'watch.changed', runId, parked: null });
    this.#peer.tellState();
  }

  #sent({ runId, chunk }: Row): void {
    const { session } = this.#peer;
    if (startsRun(chunk)) session.send({ type: 'run.started', runId });
    if (endsRun(chunk)) session.send({ type: 'run.ended', runId });
  }
}
