/** The store in memory: for tests, and for now for serving. It keeps nothing over a restart. */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { FaultError } from '../faults.ts';
import { interrupted } from './interrupted.ts';
import { MemoryLimits } from './memory-limits.ts';
import {
  type ConversationKey,
  type Lease,
  type LimitRule,
  type LimitUse,
  type NewRow,
  type Position,
  type ReadResult,
  type Row,
  type RunCommand,
  type RunRecord,
  type SignIn,
  type Store,
  type Taken,
  userOf,
} from './store.ts';
import { Tails } from './tails.ts';

interface Conversation {
  readonly sessionId: string;
  readonly rows: Row[];
  term: number;
  /** A process may be warmed for a conversation before anyone said a word in it. */
  prompted: boolean;
}

type Run = { -readonly [K in keyof RunRecord]: RunRecord[K] };

export class MemoryStore implements Store {
  readonly #conversations = new Map<ConversationKey, Conversation>();
  readonly #tails = new Tails();
  readonly #runs = new Map<string, Run>();
  readonly #signIns = new Map<string, SignIn>();
  readonly #revoked = new EventEmitter<{ revoked: [string] }>().setMaxListeners(0);
  readonly #limits = new MemoryLimits();

  async head(key: ConversationKey): Promise<{ exists: boolean; head: Position | null }> {
    const conversation = this.#conversations.get(key);
    return { exists: conversation?.prompted === true, head: conversation?.rows.at(-1) ?? null };
  }

  async acquire(key: ConversationKey): Promise<Lease> {
    const conversation = this.#open(key);
    conversation.term += 1;
    const { term, sessionId, rows } = conversation;
    const open = [...this.#runs.values()].filter((r) => r.key === key && r.started && !r.ended);
    this.#append(
      key,
      term,
      open.map(({ runId }) => interrupted(runId)),
    );
    return { key, term, sessionId, head: rows.at(-1) ?? null };
  }

  async append(lease: Lease, rows: readonly NewRow[]): Promise<void> {
    if (this.#open(lease.key).term !== lease.term)
      throw new FaultError('store.unavailable', 'the lease was lost');
    this.#append(lease.key, lease.term, rows);
  }

  async read(key: ConversationKey, after: Position | null, limit: number): Promise<ReadResult> {
    const rows = this.#conversations.get(key)?.rows ?? [];
    const head = rows.at(-1) ?? null;
    if (after !== null && rows[after.seq - 1]?.term !== after.term) return { valid: false, head };
    const from = after?.seq ?? 0;
    return { valid: true, rows: rows.slice(from, from + limit), head };
  }

  tail(key: ConversationKey, onAppended: (rows: readonly Row[] | null) => void): () => void {
    return this.#tails.join(key, onAppended);
  }

  async accept(
    key: ConversationKey,
    command: RunCommand,
  ): Promise<'accepted' | 'duplicate' | 'conflict'> {
    const id = `${userOf(key)}/${command.runId}`;
    const known = this.#runs.get(id);
    if (known)
      return known.key === key && known.digest === command.digest ? 'duplicate' : 'conflict';
    this.#open(key).prompted = true;
    this.#runs.set(id, { ...command, key, started: false, ended: false, before: null });
    return 'accepted';
  }

  async withdraw(key: ConversationKey, runId: string): Promise<void> {
    const id = `${userOf(key)}/${runId}`;
    if (this.#runs.get(id)?.started === false) this.#runs.delete(id);
  }

  async run(user: string, runId: string): Promise<RunRecord | null> {
    return this.#runs.get(`${user}/${runId}`) ?? null;
  }

  async waiting(): Promise<RunRecord[]> {
    return [...this.#runs.values()].filter(({ started }) => !started);
  }

  async close(): Promise<void> {}

  async putSignIn(signIn: SignIn): Promise<void> {
    this.#signIns.set(signIn.idHash, signIn);
  }

  async getSignIn(idHash: string, now: number): Promise<SignIn | null> {
    const signIn = this.#signIns.get(idHash);
    if (signIn === undefined) return null;
    if (signIn.expiresAt > now) return signIn;
    this.#signIns.delete(idHash);
    return null;
  }

  async extendSignIn(idHash: string, expiresAt: number): Promise<boolean> {
    const signIn = this.#signIns.get(idHash);
    if (signIn) this.#signIns.set(idHash, { ...signIn, expiresAt });
    return signIn !== undefined;
  }

  async revokeSignIn(idHash: string): Promise<void> {
    this.#signIns.delete(idHash);
    this.#revoked.emit('revoked', idHash);
  }

  async revokeUser(user: string): Promise<void> {
    const own = [...this.#signIns.values()].filter((signIn) => signIn.user === user);
    for (const { idHash } of own) await this.revokeSignIn(idHash);
  }

  onRevoked(listener: (idHash: string) => void): () => void {
    this.#revoked.on('revoked', listener);
    return () => this.#revoked.off('revoked', listener);
  }

  async take(user: string, rules: readonly LimitRule[], now: number): Promise<Taken> {
    return this.#limits.take(user, rules, now);
  }

  async giveBack(user: string, ticket: string): Promise<void> {
    this.#limits.giveBack(user, ticket);
  }

  async uses(user: string, rules: readonly LimitRule[], now: number): Promise<LimitUse[]> {
    return this.#limits.uses(user, rules, now);
  }

  #open(key: ConversationKey): Conversation {
    let conversation = this.#conversations.get(key);
    if (!conversation) {
      conversation = { sessionId: randomUUID(), rows: [], term: 0, prompted: false };
      this.#conversations.set(key, conversation);
    }
    return conversation;
  }

  #append(key: ConversationKey, term: number, rows: readonly NewRow[]): void {
    const kept = this.#open(key).rows;
    const before = kept.length;
    const added = rows.map(({ runId, chunk }, i) => ({ term, seq: before + i + 1, runId, chunk }));
    kept.push(...added);
    for (const [i, row] of added.entries()) this.#markRun(key, row, rows[i]?.marks);
    if (added.length > 0) this.#tails.tell(key, added);
  }

  #markRun(key: ConversationKey, { runId, seq }: Row, marks: NewRow['marks']): void {
    const id = `${userOf(key)}/${runId}`;
    // Runs that Claude begins by itself were never accepted: their first row makes their record.
    const run = this.#runs.get(id) ?? {
      key,
      runId,
      digest: '',
      text: '',
      started: false,
      ended: false,
      before: null,
    };
    if (!run.started) {
      run.started = true;
      const before = this.#open(key).rows[seq - 2];
      run.before = before ? { term: before.term, seq: before.seq } : null;
    }
    if (marks === 'runEnded') run.ended = true;
    this.#runs.set(id, run);
  }
}
