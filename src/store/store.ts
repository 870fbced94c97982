/**
 * Where Greenroom keeps what must not be lost, as an interface: one contract suite holds for every
 * implementation. Durable means: a promise that resolved survives what the implementation promises to
 * survive (for `memory`: nothing but the process).
 *
 * A conversation is named by a `ConversationKey`, its owner's name and the thread id the client chose; so
 * another user's id is simply unknown.
 */
import type { Choice } from '../transport/protocol.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import type { Limits, Spending } from './limits.ts';
import type { ShareRecords } from './shares.ts';
import type { SignInRecords } from './sign-ins.ts';
import type { Uploads } from './uploads.ts';

export type ConversationKey = `${string}/${string}`;

/** A place in a conversation's journal. `term` rises with each owner, `seq` runs 1, 2, 3 … without gaps. */
export interface Position {
  readonly term: number;
  readonly seq: number;
}

/** One frame of a conversation: an encoded AG-UI event. Never changed once stored. */
export interface Row extends Position {
  readonly runId: string;
  readonly chunk: string;
}

/** Where the CLI's memory of a fork begins: in the transcript of one of its `sessions`, likeliest first. */
export interface ForkPlace {
  readonly sessions: readonly string[];
  /** Uuid of the last line before the fork; null where it was never noted. */
  readonly at: string | null;
}

/** The right to append to one conversation. A higher term elsewhere makes it void. */
export interface Lease {
  readonly key: ConversationKey;
  readonly term: number;
  /** Last row at the time of the lease; null for an empty journal. */
  readonly head: Position | null;
  /** UUID of the CLI's own session for this conversation. */
  readonly sessionId: string;
  /** What that session goes on from, where the conversation is a fork. */
  readonly fork: ForkPlace | null;
}

/** A prompt, or the answers to approvals, as accepted. `digest` tells a repeat from a reuse of its run id. */
export interface RunCommand {
  readonly runId: string;
  readonly digest: string;
  readonly text: string;
  /** Ids of the uploads it shows, never empty; none where it is left out. */
  readonly images?: readonly string[];
}

/** `duplicate`: the same run id and digest again; `conflict`: the same id with another. The rest are faults. */
export type Accepted =
  | 'accepted'
  | 'duplicate'
  | 'conflict'
  | 'upload.unknown'
  | 'prompt.tooManyImages';

export interface RunRecord extends RunCommand {
  readonly key: ConversationKey;
  /** It waits for a limit, and is not accepted yet. */
  readonly parked: boolean;
  /** The server that sees to it while it waits, where several share the store. */
  readonly node?: string;
  /** False while it waits for its turn. */
  readonly started: boolean;
  readonly ended: boolean;
  /** The row before its first one; null where that is the journal's start, or it has not started. */
  readonly before: Position | null;
}

export type ReadResult =
  | { valid: true; rows: readonly Row[]; head: Position | null }
  /** No row stands at that position with that term, or rows after it are no longer kept. */
  | { valid: false; head: Position | null };

/** A row to append; a run's first and last ones are marked. */
export interface NewRow {
  readonly runId: string;
  readonly chunk: string;
  readonly marks?: 'runStarted' | 'runEnded';
  /** Where a run ended: what it used, where that is known better than by what was counted. */
  readonly spent?: Spending | undefined;
  /** Where a run ended: uuid of the last line of the CLI's transcript that belongs to it, as far as is known. */
  readonly transcriptAt?: string;
  /** The whole of the tool's result that the chunk holds the beginning of; kept in the same commit. */
  readonly result?: ToolResultText | undefined;
}

export interface ToolResultText {
  readonly toolCallId: string;
  readonly text: string;
}

export interface Store extends History, Uploads, Limits, SignInRecords, ShareRecords {
  /** What it offers where several servers share it; null: it is this server's alone. */
  readonly cluster: Cluster | null;
  /** Whether the conversation exists, and its last row. */
  head(key: ConversationKey): Promise<{ exists: boolean; head: Position | null }>;
  /**
   * Takes the right to append, from whoever of this server had it, creating the conversation. A run that was left
   * open was cut off: it ends here as `interrupted`, before anything else is appended.
   * @throws {HeldElsewhere} While another living server has it.
   */
  acquire(key: ConversationKey): Promise<Lease>;
  /** Gives the right up, so that any server may take it; a lease that is void already is left as it is. */
  release(lease: Lease): Promise<void>;
  /** Appends in order and resolves when durable. @throws {FaultError} `store.unavailable` when the lease is void. */
  append(lease: Lease, rows: readonly NewRow[], durability: 'batch' | 'sync'): Promise<void>;
  /**
   * Rows after `after` (null: from the start), oldest first, at most `limit`, and no more once their chunks have
   * `unitsMax` UTF-16 units together. Rows of turns that ended long ago are kept as messages alone: what asks for
   * one of them is answered as a cursor that is not valid.
   */
  read(
    key: ConversationKey,
    after: Position | null,
    limit: number,
    unitsMax?: number,
  ): Promise<ReadResult>;
  /**
   * Calls back after each durable append, with its rows where they are at hand and null where only the fact
   * is known. A hint may be lost or doubled: readers subscribe first and read until they find nothing.
   */
  tail(key: ConversationKey, onAppended: (rows: readonly Row[] | null) => void): () => void;
  /** Keeps a prompt before anything acts on it, and the images it names with it. */
  accept(key: ConversationKey, command: RunCommand): Promise<Accepted>;
  /**
   * Keeps a prompt that waits for a limit, as `accept` does one that need not. One that was accepted, and has not
   * started, waits again; what was taken for it is given back.
   */
  park(key: ConversationKey, command: RunCommand): Promise<Accepted>;
  /** A parked prompt is accepted after all. False: it was taken back meanwhile, and must not run. */
  unpark(key: ConversationKey, runId: string): Promise<boolean>;
  /** Prompts that are parked, whose server has gone, oldest first; they are this server's from now on. */
  parked(): Promise<RunRecord[]>;
  /**
   * Forgets a prompt that is parked, or was accepted and has not started: what was taken for it is given back, and
   * its run id is free again. False: there is no such prompt.
   */
  withdraw(key: ConversationKey, runId: string): Promise<boolean>;
  /** A user's run. */
  run(user: string, runId: string): Promise<RunRecord | null>;

  /**
   * Prompts that were accepted and have not started, whose server has gone, oldest first; they are this server's from
   * now on. Runs that were cut off with it have ended.
   */
  waiting(): Promise<RunRecord[]>;

  /** What a conversation is set to, whether or not it exists. */
  choice(key: ConversationKey): Promise<Choice>;
  /** Keeps it, creating the conversation. False: it has begun, and on another repository. */
  choose(key: ConversationKey, choice: Choice): Promise<boolean>;

  /** Lets go of all it holds; no other call is answered any more. */
  close(): Promise<void>;
}

/** Ids that clients choose, of conversations and of runs. None ever is a path, an argument or part of an SQL text. */
export const CLIENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function conversationKey(user: string, threadId: string): ConversationKey {
  return `${user}/${threadId}`;
}

export function userOf(key: ConversationKey): string {
  return key.slice(0, key.indexOf('/'));
}

export function threadOf(key: ConversationKey): string {
  return key.slice(key.indexOf('/') + 1);
}

/** A position as clients see it. */
export function encodeCursor({ term, seq }: Position): string {
  return `${term}.${seq}`;
}

/** Null for anything `encodeCursor` cannot have made. */
export function decodeCursor(cursor: string): Position | null {
  const match = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(cursor);
  return match ? { term: Number(match[1]), seq: Number(match[2]) } : null;
}
