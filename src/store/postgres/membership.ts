/**
 * This node's lease, which all it owns is part of. In the database it lasts `leaseMs` from each renewal on; here only
 * half of that, counted from before the renewal was sent, so that a node has stopped before another may begin.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { FaultError } from '../../faults.ts';
import type { Sql } from './database.ts';
import type { DatabaseClock } from './database-clock.ts';
import type { Clock } from './line.ts';
import { often } from './often.ts';

const RENEWALS_PER_LEASE = 5;

export interface MembershipParts {
  /** Not the pool's: a renewal that queues behind slow statements would come too late. */
  readonly line: Sql;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly leaseMs: number;
  /** What it is called in logs; other nodes may be called the same. */
  readonly name: string;
}

const NOW = 'extract(epoch FROM clock_timestamp()) * 1000 AS now';
const EXPIRY = "clock_timestamp() + $2 * interval '1 millisecond'";

export class NodeMembership {
  readonly #parts: MembershipParts;
  readonly #events = new EventEmitter<{ lost: []; joined: [before: string] }>().setMaxListeners(0);
  #node = '';
  #joined = false;
  #until = Number.NEGATIVE_INFINITY;
  #draining = false;
  #closed = false;
  #busy = false;
  #beat: unknown = null;
  #end: unknown = null;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  /** Another one after the lease was lost: the old one is never anybody's again. */
  get node(): string {
    return this.#node;
  }

  get isMember(): boolean {
    return this.#parts.clock.now() < this.deadline();
  }

  /** Until when the lease is good, by the monotonic clock. */
  deadline(): number {
    return this.#joined ? this.#until : Number.NEGATIVE_INFINITY;
  }

  onLost(listener: () => void): () => void {
    this.#events.on('lost', listener);
    return () => this.#events.off('lost', listener);
  }

  /** Calls back each time it joins again, with the id it had. */
  onJoined(listener: (before: string) => void): () => void {
    this.#events.on('joined', listener);
    return () => this.#events.off('joined', listener);
  }

  /** @throws {FaultError} `store.unavailable` */
  async join(): Promise<void> {
    await this.#join();
    this.#renewOften();
  }

  /** Renews, or joins again, at once; nothing while that is under way already. */
  async renew(): Promise<void> {
    if (this.#busy || this.#closed || this.#node === '') return;
    this.#busy = true;
    try {
      if (this.#joined) await this.#extend();
      if (!this.#joined) await this.#join();
    } catch {
      // It is tried again soon; where that goes on, the lease ends by itself.
    } finally {
      this.#busy = false;
    }
  }

  /** Each renewal says it as well, for a database that does not answer now. */
  async leave(): Promise<void> {
    this.#draining = true;
    const said = this.#parts.line.run('UPDATE nodes SET draining = true WHERE id = $1', this.#node);
    await said.catch(() => {});
  }

  /** What it had is free at once. */
  async close(sql: Sql): Promise<void> {
    this.#closed = true;
    this.#parts.clock.clearTimeout(this.#beat);
    this.#parts.clock.clearTimeout(this.#end);
    this.#joined = false;
    // Where the database does not answer, all of it ends with the lease.
    await forgetNode(sql, this.#node).catch(() => {});
  }

  #renewOften(): void {
    const { clock, leaseMs } = this.#parts;
    this.#beat = clock.setTimeout(() => {
      this.#renewOften();
      void this.renew();
    }, leaseMs / RENEWALS_PER_LEASE);
  }

  async #join(): Promise<void> {
    const { line, clock, leaseMs, name } = this.#parts;
    const [before, id, sent] = [this.#node, randomUUID(), clock.now()];
    const row = await line.get<{ now: string }>(
      `INSERT INTO nodes (id, name, draining, expires_at) VALUES ($1, $3, $4, ${EXPIRY}) RETURNING ${NOW}`,
      ...[id, leaseMs, name, this.#draining],
    );
    if (row === undefined || this.#closed || clock.now() >= sent + leaseMs / 2)
      throw new FaultError('store.unavailable', 'the lease has ended before it was known');
    this.#node = id;
    this.#joined = true;
    this.#count(sent, row.now);
    if (before !== '') this.#events.emit('joined', before);
  }

  async #extend(): Promise<void> {
    const { line, clock, leaseMs } = this.#parts;
    const [node, sent] = [this.#node, clock.now()];
    const row = await line.get<{ now: string }>(
      often(
        `UPDATE nodes SET expires_at = ${EXPIRY}, draining = $3 WHERE id = $1 AND NOT dead RETURNING ${NOW}`,
      ),
      ...[node, leaseMs, this.#draining],
    );
    if (!this.#joined || this.#closed) return;
    // A process that was held may hear of its renewal before its timer tells it that the time is over.
    if (row === undefined || clock.now() >= this.#until) this.#lose();
    else this.#count(sent, row.now);
  }

  #count(sent: number, epoch: string): void {
    const { clock, databaseClock, leaseMs } = this.#parts;
    databaseClock.heard(Number(epoch), sent, clock.now());
    this.#until = sent + leaseMs / 2;
    clock.clearTimeout(this.#end);
    this.#end = clock.setTimeout(() => this.#lose(), this.#until - clock.now());
  }

  /** Its row is left to expire: until then what it ran may still be ending. */
  #lose(): void {
    if (!this.#joined) return;
    this.#joined = false;
    this.#parts.clock.clearTimeout(this.#end);
    this.#events.emit('lost');
  }
}

async function forgetNode(sql: Sql, node: string): Promise<void> {
  await sql.run('DELETE FROM nodes WHERE id = $1', node);
  await sql.run('DELETE FROM watches WHERE node = $1', node);
  await sql.run('DELETE FROM commands WHERE to_node = $1 OR from_node = $1', node);
}

/** A node that was not heard for an hour, and what it left behind; it finds out with its next renewal. */
export async function forgetDeadNodes(sql: Sql): Promise<void> {
  await sql.run("DELETE FROM nodes WHERE expires_at < clock_timestamp() - interval '1 hour'");
  await sql.run(
    'DELETE FROM watches WHERE NOT EXISTS (SELECT FROM nodes WHERE nodes.id = watches.node)',
  );
  await sql.run(
    `DELETE FROM commands WHERE NOT EXISTS (SELECT FROM nodes WHERE nodes.id = to_node)
       OR NOT EXISTS (SELECT FROM nodes WHERE nodes.id = from_node)`,
  );
  while ((await disown(sql)) === DISOWNED_AT_ONCE);
}

const DISOWNED_AT_ONCE = 1_000;

/** Conversations of nodes that are forgotten; one whose turn was cut off is left for whoever ends that. */
function disown(sql: Sql): Promise<number> {
  return sql.run(
    `WITH left_behind AS (
       SELECT p.conversation FROM places p JOIN conversations c ON c.id = p.conversation
       WHERE p.owner IS NOT NULL AND c.turn_ended = p.head_seq
         AND NOT EXISTS (SELECT FROM nodes WHERE nodes.id = p.owner)
       LIMIT ${DISOWNED_AT_ONCE} FOR UPDATE OF p SKIP LOCKED
     )
     UPDATE places p SET owner = NULL FROM left_behind l WHERE p.conversation = l.conversation`,
  );
}
