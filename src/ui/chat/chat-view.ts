/** What the page shows of a conversation: an immutable picture, made anew at most once per frame. */
import type { Cursor, DirectFrame, PendingItem, SessionState } from '../../transport/protocol.ts';
import type { Prompt } from './prompt-content.ts';
import type { Run } from './thread.ts';

export type Welcome = Extract<DirectFrame, { type: 'welcome' }>;
export type Chosen = Omit<Extract<DirectFrame, { type: 'chosen' }>, 'type'>;
export type Context = Omit<Extract<DirectFrame, { type: 'context' }>, 'type'>;
export type Throttled = Extract<DirectFrame, { type: 'throttled' }>;

/** A prompt on its way: shown until the server says it started, waits, or was refused. */
export interface Sending extends Prompt {
  readonly runId: string;
}

/** Something to know that is no part of the conversation. One for each key, the newest three are shown. */
export interface Notice {
  readonly key: string;
  readonly text: string;
  /** Epoch ms after which it is no longer true; null: until dismissed. */
  readonly until: number | null;
}

/** All that the page shows, except the connection's state and the draft. Replaced as a whole, once a frame. */
export interface ChatView {
  readonly threadId: string | null;
  readonly welcome: Welcome | null;
  /** What this conversation is set to; null: all is as the operator has it, as far as is known. */
  readonly chosen: Chosen | null;
  /** How full Claude's context is; null: not known. */
  readonly context: Context | null;
  readonly session: SessionState;
  readonly runs: readonly Run[];
  readonly sending: readonly Sending[];
  readonly pending: readonly PendingItem[];
  readonly throttled: Throttled | null;
  readonly notices: readonly Notice[];
  /** Where earlier messages go on that are not shown yet; null: this is the beginning. */
  readonly before: Cursor | null;
  /** False from opening a conversation until its messages are there. */
  readonly loaded: boolean;
  /** The server's clock is so many ms ahead of this page's. */
  readonly clockAheadMs: number;
  /** When the live run was last heard of, epoch ms by the server's clock; null: not known. */
  readonly heardAt: number | null;
}

/** A conversation that was just opened. */
export function freshView(
  threadId: string | null,
  welcome: Welcome | null,
  clockAheadMs = 0,
): ChatView {
  return {
    threadId,
    welcome,
    chosen: null,
    context: null,
    session: 'idle',
    runs: [],
    sending: [],
    pending: [],
    throttled: null,
    notices: [],
    before: null,
    loaded: threadId === null,
    clockAheadMs,
    heardAt: null,
  };
}
