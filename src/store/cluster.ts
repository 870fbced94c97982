/**
 * What a store offers that several servers share. Each server is a node: it holds one lease on all it owns, renewed
 * by itself, and a conversation has one owner at a time, whose right to append is checked with each append.
 */

import type { PendingItem } from '../transport/protocol.ts';
import type { ConversationFact } from './conversation-fact.ts';
import type { ConversationKey, Lease, RunRecord } from './store.ts';

/** `acquire` of a conversation that another living node owns. */
export class HeldElsewhere extends Error {
  /** The owner's id, for `Cluster.send`. */
  readonly node: string;

  constructor(node: string) {
    super('another server runs this conversation');
    this.name = 'HeldElsewhere';
    this.node = node;
  }
}

/** What goes on in a conversation, for who only looks on. */
export interface LiveState {
  readonly activity: 'running' | 'asking' | null;
  readonly liveRunId: string | null;
  /** When Claude was heard last in the run at work, epoch ms. */
  readonly heardAt: number | null;
  readonly pending: readonly PendingItem[];
}

/** What its owner says; which run is at work is what the journal says. */
export type SaidState = Omit<LiveState, 'liveRunId'>;

/** JSON, of whoever sends and answers commands; the store only carries it. */
export type CommandBody = Readonly<Record<string, unknown>> & { readonly kind: string };
export type CommandReply = Readonly<Record<string, unknown>>;

export interface Cluster {
  /** This server's id; another one after its lease was lost. */
  readonly node: string;
  /** Whether this server has its lease. While it has not, it owns nothing. */
  readonly isMember: boolean;
  /** Epoch ms by the database's clock, as far as it is known: what all nodes agree on. */
  now(): number;
  /**
   * Calls back when this server's lease is lost, or will be before it could be renewed: it owns nothing any more, and
   * must end what it runs at once. The store asks for a new lease by itself.
   */
  onLost(listener: () => void): () => void;
  /** The living node that owns a conversation; null: none does. */
  ownerOf(key: ConversationKey): Promise<string | null>;
  /** The other living nodes. */
  others(): Promise<string[]>;
  /** From now on this server sees to a prompt that waits; when it goes, the prompt is another's. */
  claim(key: ConversationKey, runId: string): Promise<void>;
  /** The prompt that is parked in a conversation, by whichever node. */
  parkedIn(key: ConversationKey): Promise<RunRecord | null>;
  /** From now on this server takes nothing over, and what it gives up is another's to take. */
  leave(): Promise<void>;

  /**
   * Has a node do something, exactly once while it lives. Null: it has gone, or has not answered within `timeoutMs`;
   * it may have done it.
   */
  send(node: string, body: CommandBody, timeoutMs: number): Promise<CommandReply | null>;
  /** Answers what other nodes send. What it throws is logged and answered as null. */
  onCommand(handler: (body: CommandBody) => Promise<CommandReply | null>): void;

  /** Tells all other nodes; a notice may be lost. */
  tell(key: ConversationKey, fact: ConversationFact): void;
  onFact(listener: (key: ConversationKey, fact: ConversationFact) => void): () => void;
  /** Keeps what goes on in a conversation for other nodes to see; under a void lease it does nothing. */
  setLive(lease: Lease, state: SaidState | null): Promise<void>;
  /** What other nodes last said goes on; conversations that this server owns, or nobody, are left out. */
  liveOf(keys: readonly ConversationKey[]): Promise<Map<ConversationKey, LiveState>>;
  /** After a time without contact: whatever was told meanwhile was missed. */
  onResumed(listener: () => void): () => void;

  /** The CLI's transcript of a session, as far as it was kept: pieces are joined. Null: nothing was. */
  transcript(sessionId: string): Promise<Uint8Array | null>;
  /** Keeps what a transcript has grown by since `at` bytes; what was kept from there on is replaced. */
  keepTranscript(lease: Lease, at: number, data: Uint8Array): Promise<void>;
}
