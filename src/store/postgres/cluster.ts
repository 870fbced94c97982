/** What nodes that share a database know of each other, and how they find out what they did not hear. */
import { EventEmitter } from 'node:events';
import type { Cluster, CommandBody, CommandReply, LiveState, SaidState } from '../cluster.ts';
import type { ConversationFact } from '../conversation-fact.ts';
import { type ConversationKey, type Lease, type RunRecord, userOf } from '../store.ts';
import { Bulletin } from './bulletin.ts';
import { type CommandHandler, Commands } from './commands.ts';
import type { Database } from './database.ts';
import { DatabaseClock } from './database-clock.ts';
import { CLOCK, type Clock, Line } from './line.ts';
import { Live } from './live.ts';
import { forgetDeadNodes, NodeMembership } from './membership.ts';
import { MissedRevocations } from './missed-revocations.ts';
import { otherNodes, ownerOf } from './nodes.ts';
import { NoticeBoard } from './notices.ts';
import { claimRun, parkedRun } from './runs.ts';
import { Transcripts } from './transcripts.ts';
import { Watches } from './watches.ts';

/** What was not heard is found within a second, the time it takes to ask included. */
const POLL_MS = 800;
const FORGET_MS = 600_000;

export interface ClusterSettings {
  /** Of the database itself, past a pooler. */
  readonly listenUrl: string;
  readonly name: string;
  readonly leaseMs: number;
  readonly timeoutMs: number;
  readonly onError?: (error: unknown) => void;
  readonly clock?: Clock;
}

export class PostgresCluster implements Cluster {
  /** Where the parts of the store tell and hear, of this node and of others. */
  readonly board: NoticeBoard;
  readonly membership: NodeMembership;
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #databaseClock: DatabaseClock;
  readonly #bulletin: Bulletin;
  readonly #watches: Watches;
  readonly #commands: Commands;
  readonly #revocations: MissedRevocations;
  readonly #live: Live;
  readonly #transcripts: Transcripts;
  readonly #resumed = new EventEmitter<{ resumed: [] }>().setMaxListeners(0);
  #polling: Promise<void> | null = null;
  #timer: unknown = null;
  #forgetAt: number;

  private constructor(db: Database, settings: ClusterSettings) {
    const { clock = CLOCK, name, leaseMs, listenUrl, timeoutMs, onError = () => {} } = settings;
    this.#db = db;
    this.#clock = clock;
    this.#forgetAt = clock.now() + FORGET_MS;
    this.#databaseClock = new DatabaseClock(clock);
    this.board = new NoticeBoard((notice) => this.#bulletin.tell(notice));
    const line = new Line({
      ...{ url: listenUrl, name, clock },
      // So that one that does not answer is given up in time for another to renew the lease.
      timeoutMs: Math.min(timeoutMs, leaseMs / 5),
      onNotice: (payload) => this.#bulletin.heard(payload),
      onConnected: (again) => again && this.#connectedAgain(),
    });
    this.#line = line;
    const databaseClock = this.#databaseClock;
    this.membership = new NodeMembership({ line, clock, databaseClock, leaseMs, name });
    const node = () => this.membership.node;
    this.#bulletin = new Bulletin({ db, clock, onHeard: (notice) => this.board.heard(notice) });
    const { board, membership } = this;
    this.#watches = new Watches({
      ...{ db, line, node },
      onAppended: (key) => board.heard(['appended', key]),
    });
    this.#commands = new Commands({
      ...{ db, line, clock, node, onError },
      isMember: () => membership.isMember,
      tell: (notice) => this.#bulletin.tell(notice),
    });
    this.#revocations = new MissedRevocations({
      ...{ line, clock },
      onRevoked: (idHash) => board.heard(['revoked', idHash]),
    });
    this.#live = new Live({ db, node });
    this.#transcripts = new Transcripts({ db, node });
    board.on('command', (to) => to === node() && this.#commands.heard().catch(() => {}));
    membership.onJoined((before) => this.#watches.again(before).catch(() => {}));
  }

  /** Joins the nodes that share the database, whose tables are there. @throws {FaultError} `store.unavailable` */
  static async open(db: Database, settings: ClusterSettings): Promise<PostgresCluster> {
    const cluster = new PostgresCluster(db, settings);
    try {
      await cluster.#line.open();
      await cluster.membership.join();
    } catch (error) {
      cluster.#line.close();
      throw error;
    }
    cluster.#pollOften();
    return cluster;
  }

  get node(): string {
    return this.membership.node;
  }

  get isMember(): boolean {
    return this.membership.isMember;
  }

  now(): number {
    return this.#databaseClock.now();
  }

  onLost(listener: () => void): () => void {
    return this.membership.onLost(listener);
  }

  /** Returns the end of it. Whoever watches hears `appended` on the board of what other nodes append. */
  watch(key: ConversationKey): () => void {
    return this.#watches.watch(key);
  }

  ownerOf(key: ConversationKey): Promise<string | null> {
    return ownerOf(this.#db, key);
  }

  others(): Promise<string[]> {
    return otherNodes(this.#db, this.node);
  }

  claim(key: ConversationKey, runId: string): Promise<void> {
    return claimRun(this.#db, this.node, userOf(key), runId);
  }

  parkedIn(key: ConversationKey): Promise<RunRecord | null> {
    return parkedRun(this.#db, key);
  }

  leave(): Promise<void> {
    return this.membership.leave();
  }

  send(node: string, body: CommandBody, timeoutMs: number): Promise<CommandReply | null> {
    return this.#commands.send(node, body, timeoutMs);
  }

  onCommand(handler: CommandHandler): void {
    this.#commands.handleWith(handler);
  }

  /** Not by the board, which would tell it here. */
  tell(key: ConversationKey, fact: ConversationFact): void {
    this.#bulletin.tell(['fact', key, fact]);
  }

  onFact(listener: (key: ConversationKey, fact: ConversationFact) => void): () => void {
    return this.board.on('fact', listener);
  }

  setLive(lease: Lease, state: SaidState | null): Promise<void> {
    return this.#live.set(lease, state);
  }

  liveOf(keys: readonly ConversationKey[]): Promise<Map<ConversationKey, LiveState>> {
    return this.#live.of(keys);
  }

  onResumed(listener: () => void): () => void {
    this.#resumed.on('resumed', listener);
    return () => this.#resumed.off('resumed', listener);
  }

  transcript(sessionId: string): Promise<Uint8Array | null> {
    return this.#transcripts.of(sessionId);
  }

  keepTranscript(lease: Lease, at: number, data: Uint8Array): Promise<void> {
    return this.#transcripts.keep(lease, at, data);
  }

  /** What it owned is free at once. The database is left open. */
  async close(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    this.#line.close();
    this.#commands.close();
    await this.membership.close(this.#db);
  }

  #connectedAgain(): void {
    void this.membership.renew();
    void this.#poll();
    this.#resumed.emit('resumed');
  }

  #pollOften(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#pollOften();
      void this.#poll();
    }, POLL_MS);
  }

  /** That it is answered is also how a connection that is broken, and nobody said so, is found out. */
  #poll(): Promise<void> {
    this.#polling ??= this.#ask()
      .catch(() => {}) // asked again soon
      .finally(() => {
        this.#polling = null;
      });
    return this.#polling;
  }

  async #ask(): Promise<void> {
    await this.#revocations.poll();
    await this.#commands.poll();
    await this.#watches.poll();
    if (this.#clock.now() < this.#forgetAt) return;
    this.#forgetAt = this.#clock.now() + FORGET_MS;
    await forgetDeadNodes(this.#db);
  }
}
