/** What a store keeps of conversations for people: titles, messages, search; and what it lets go of, and when. */
import type { ContextFill, Message } from '../transport/protocol.ts';
import type { BranchView, ConversationView, MatchView, MessagePage } from '../transport/views.ts';
import type { ConversationKey, Position } from './store.ts';

/** Times are epoch ms. */
export interface ConversationRecord {
  readonly key: ConversationKey;
  readonly title: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt: number;
  readonly forkedFrom: ForkOrigin | null;
  readonly pinned: boolean;
}

export type ForkOrigin = Readonly<NonNullable<ConversationView['forkedFrom']>>;

export type Branch = Readonly<BranchView>;

/** `live`: the turn has not ended. `tooMany`: the place has as many forks as it may. */
export type ForkOutcome = 'forked' | 'unknown' | 'live' | 'tooMany';

/** Pinned conversations a user may have; all of them are on the first page of a list. */
export const PINNED_MAX = 50;

/** `tooMany`: the user has `PINNED_MAX` of them. */
export type PinOutcome = 'done' | 'unknown' | 'tooMany';

/** One page of conversations, last used first. `before` asks for the next one; null: there is none. */
export interface RecordPage {
  readonly found: readonly (ConversationRecord & { readonly matches?: readonly MatchView[] })[];
  readonly before: string | null;
}

/** How much of a conversation is wanted at once, counted from its end. */
export interface PageBounds {
  readonly messagesMax: number;
  /** Of JSON, UTF-8. */
  readonly bytesMax: number;
  /** Whether the newest one is given although it alone is longer. */
  readonly atLeastOne: boolean;
}

export interface Snapshot extends MessagePage {
  /** The frames after this row are not in the messages; null: all frames are to be read. */
  readonly head: Position | null;
}

/** A conversation brought along from elsewhere, with its messages, oldest first. */
export interface ImportedConversation {
  /** UUID of the CLI's own session, where it had one. */
  readonly sessionId: string | null;
  readonly messages: readonly Message[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What has had its time; all epoch ms. */
export interface SweepRules {
  /** Runs that ended before are kept as messages alone. */
  readonly endedBefore: number;
  /** Conversations deleted before are forgotten. */
  readonly deletedBefore: number;
  /** Conversations not used since are forgotten; null: none is. */
  readonly unusedSince: number | null;
}

/** What one step of a sweep did. */
export interface Swept {
  /** There is more to do; false: nothing was found. */
  readonly more: boolean;
  /** A conversation that is now gone; the CLI's transcript of it is the caller's to delete. */
  readonly forgotten: { readonly key: ConversationKey; readonly sessionId: string } | null;
}

export interface History {
  /**
   * The user's conversations. `before` is of an earlier page; anything else counts as null, and asks for the first
   * page: all pinned ones, then `limit` of the others.
   */
  list(user: string, before: string | null, limit: number): Promise<RecordPage>;
  /** Those whose title or whose messages hold every word of `query`, or words that begin so. */
  search(user: string, query: string, before: string | null, limit: number): Promise<RecordPage>;
  conversation(key: ConversationKey): Promise<ConversationRecord | null>;
  /** Claude's title never replaces one a user gave. False: unknown, or so. */
  rename(key: ConversationKey, title: string, by: 'user' | 'claude'): Promise<boolean>;
  pin(key: ConversationKey, pinned: boolean): Promise<PinOutcome>;
  /** Hides it until a sweep forgets it, or it is restored, or prompted. False: unknown. */
  remove(key: ConversationKey, now: number): Promise<boolean>;
  restore(key: ConversationKey): Promise<boolean>;
  /** Messages that began at or before the row `before` (null: to the end), oldest first. */
  messages(key: ConversationKey, before: number | null, bounds: PageBounds): Promise<MessagePage>;
  /** The whole text of a tool's result that was cut in its message; null: not known, or not cut. */
  result(key: ConversationKey, toolCallId: string): Promise<string | null>;
  /** Keeps how full the context was after the last turn; of an unknown conversation, nothing. */
  setContext(key: ConversationKey, fill: ContextFill): Promise<void>;
  context(key: ConversationKey): Promise<ContextFill | null>;
  /** The messages of all turns before the last; the last one is still in the journal, and is read from there. */
  snapshot(key: ConversationKey, bounds: PageBounds): Promise<Snapshot>;
  /** Keeps a conversation from elsewhere. False: it is here already, and stays as it is. */
  importConversation(key: ConversationKey, imported: ImportedConversation): Promise<boolean>;
  /**
   * Makes `to`, a new conversation, of all that was said before the turn that the run belongs to; the run may be one
   * that a fork brought along.
   */
  fork(key: ConversationKey, beforeRun: string, to: ConversationKey): Promise<ForkOutcome>;
  /** The forks at every place this conversation has, with their originals. None: it was never forked. */
  branches(key: ConversationKey): Promise<Branch[]>;
  /** Does one step of what is due; call it until there is no more. */
  sweep(rules: SweepRules): Promise<Swept>;
  /** Writes all there is to a new file, while serving. @throws When the file exists or cannot be written. */
  backup(file: string): Promise<void>;
  /** Hears of each conversation that began, changed or was deleted. */
  onChanged(listener: (key: ConversationKey) => void): () => void;
}
