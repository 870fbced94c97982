/**
 * The wire, types only: what a browser and Greenroom say to each other over `/chat/ws`.
 * PROTOCOL.md states the rules; a shape changes there, here and in its test together.
 */
import type { Event, Interrupt, Message, ResumeEntry, TokenUsage } from '@ag-ui/core';
import type { FaultCode } from '../faults.ts';
import type { ConversationView } from './views.ts';

export type { Interrupt, Message, ResumeEntry, TokenUsage };

/** AG-UI 1.0 events with their `type` as a plain string, so that none needs the enum at run time. */
export type AguiEvent = Event extends infer E
  ? E extends Event
    ? Omit<E, 'type'> & { type: `${E['type']}` }
    : never
  : never;

/** Names a place in one conversation's journal. Opaque to clients: store it, send it back, never parse it. */
export type Cursor = string;

/** Kept in the journal and replayed as the same bytes to a client that resumes. */
export interface KeptFrame {
  /** Unique in its conversation, never empty, never `-1`. */
  id: Cursor;
  chunk: AguiEvent;
}

export type SessionState = 'idle' | 'streaming' | 'throttled';
export type LimitName = 'hour' | 'day' | 'tokens' | 'runs' | 'frames';

/** One limit as a user sees it. `max` is null where the operator lifted it; `resetAt` is epoch ms. */
export interface LimitView {
  used: number;
  max: number | null;
  resetAt: number | null;
}

/** `hour` and `day` count prompts, `tokens` input, cache writes and output, `runs` conversations at work. */
export interface LimitViews {
  hour: LimitView;
  day: LimitView;
  tokens: LimitView;
  runs: LimitView;
}

/** Why a run was stopped for its budget: value of the CUSTOM event `receipt`, before its RUN_ERROR `limits.tokens`. */
export interface Receipt {
  limit: 'tokens';
  /** Of the day, this run's with it; and what the day allows. */
  used: number;
  max: number;
  /** Of this run. */
  runTokens: number;
  /** When the next day's budget begins, epoch ms. */
  resetAt: number;
}

/** Which program answers. `demo` is Greenroom's own stand-in and must be shown as such. */
export interface AgentInfo {
  kind: 'claude' | 'demo';
  model: string | null;
  version: string | null;
  /** Why the demo agent answers, and what to do for the real one; null with the real one. */
  notice: string | null;
}

/** What Claude may do here, as the operator has set it. What the CLI's own settings say may be stricter, never wider. */
export interface AgentRules {
  /** What it may do without asking: the CLI's own name for it. */
  permissionMode: 'default' | 'acceptEdits' | 'plan' | 'dontAsk';
  /** Null: the CLI's own set. */
  tools: readonly string[] | null;
  /** What it may never do, whatever a user allows: rules such as `Bash(rm *)`. */
  never: readonly string[];
  /** Whether all users work in one workspace. */
  sharesWorkspace: boolean;
}

/** A model the operator offers. `efforts`: what it can be told to spend on thinking, least first; empty: nothing. */
export interface ModelOffer {
  id: string;
  name: string;
  efforts: readonly string[];
}

/** A slash command the operator offers; `name` is without its slash. */
export interface CommandOffer {
  name: string;
  description: string;
  /** What may stand behind it, as the CLI tells it; empty: nothing. */
  argumentHint: string;
}

/** What a user may choose from. Nothing that is not listed here is taken. */
export interface Offers {
  /** Empty: every conversation has the operator's model. */
  models: readonly ModelOffer[];
  commands: readonly CommandOffer[];
  /** Images in a prompt; null: none are taken. */
  images: { types: readonly string[]; maxBytes: number; maxPerPrompt: number } | null;
  /** Whether a conversation may begin on a clone of a repository of the configured forge. */
  repositories: boolean;
}

/** A prompt that is accepted but not running yet. */
export interface PendingItem {
  runId: string;
  text: string;
  /** Where its images are, if it has any. */
  images?: readonly string[];
  /** `queued`: it is accepted and its turn comes. `parked`: waits for a limit to open. */
  why: 'queued' | 'parked';
  /** `turn`: behind what runs or waits in this conversation. `room`: until the machine has room for one more run. */
  waitsFor?: 'turn' | 'room';
  /** In that queue, from 1: so many runs begin until this one has. */
  position?: number;
  limit?: LimitName;
  resetAt?: number;
}

/** How full Claude's context is, in tokens. */
export interface ContextFill {
  usedTokens: number;
  maxTokens: number;
}

/** Sent to one socket and forgotten; all but `ping` only after that socket said `hello`. */
export type DirectFrame =
  | { type: 'ping' }
  | {
      type: 'welcome';
      protocol: 1;
      version: string;
      user: string;
      operator: boolean;
      threadId: string;
      /** Cursor of the last kept frame; null for an empty conversation. */
      head: Cursor | null;
      limits: LimitViews;
      agent: AgentInfo;
      sandbox: 'bwrap' | 'none';
      /** Not told to who only reads another's conversation. */
      rules?: AgentRules;
      maxPromptBytes: number;
      offers: Offers;
      /** The server's clock, epoch ms: what all its timestamps are told by. */
      now: number;
      /** The conversation is another user’s, and is watched by a link. */
      shared?: { by: string; title: string };
    }
  /** What the watched conversation is set to: after `welcome`, and at each change. Null: the operator's default. */
  | { type: 'chosen'; model: string | null; effort: string | null; repository: string | null }
  /** How full Claude's context is, in tokens, as of the last turn; told when it is known. */
  | ({ type: 'context' } & ContextFill)
  | { type: 'state'; state: SessionState; runId: string | null }
  /** `heardAt`: when something was last written in the live run, epoch ms, where one is live. */
  | { type: 'caughtUp'; head: Cursor | null; heardAt?: number }
  | { type: 'reset'; head: Cursor | null; messages: Message[]; before: Cursor | null }
  | { type: 'pending'; items: PendingItem[] }
  | {
      type: 'throttled';
      runId: string;
      limit: LimitName;
      retryAfterMs: number | null;
      remaining: number;
      max: number;
      resetAt: number | null;
      /** True: the prompt is kept and sends itself when the window opens. */
      parked: boolean;
    }
  /** What the user has used and has left: at each change, to every socket of theirs. */
  | ({ type: 'limits' } & LimitViews)
  | { type: 'reply'; ref: string; fault: FaultCode | null }
  | { type: 'fault'; code: FaultCode; message: string }
  /** A conversation of this user's began, changed or (null) was deleted: whatever this socket watches. */
  | { type: 'conversation'; threadId: string; conversation: ConversationView | null }
  /** From now on: until this server lets nobody in any more, and until running turns are cut off. */
  | { type: 'draining'; reconnectAfterMs: number; deadlineMs: number }
  /** The sign-in ends in so many ms, unless it is used before and may last longer. */
  | { type: 'expiring'; inMs: number };

/** What a conversation is set to. */
export type Choice = Omit<Extract<DirectFrame, { type: 'chosen' }>, 'type'>;

/** Everything the server sends; a bare AG-UI event (no id) is a refusal, and is never kept. */
export type ServerFrame = KeptFrame | DirectFrame | AguiEvent;

/** The parts of AG-UI's RunAgentInput that Greenroom reads; all others are ignored. */
export interface RunInput {
  threadId: string;
  runId: string;
  parentRunId?: string;
  /** Of AG-UI, as the client knows it. */
  protocolVersion?: string;
  messages: Message[];
  resume?: ResumeEntry[];
}

/** Browser to server. `ref` is the client's, and comes back in the matching `reply`. */
export type ClientFrame =
  /** `share`: the id of a link, on a socket that was opened to watch by one. */
  | { type: 'hello'; threadId: string | null; after: Cursor | null; share?: string; ref?: string }
  | { type: 'abort'; runId: string; ref?: string }
  | { type: 'unpark'; runId: string; ref?: string }
  | { type: 'warm'; ref?: string }
  /** For the watched conversation, from its next turn on; `repository` only before its first prompt. */
  | {
      type: 'choose';
      model?: string | null;
      effort?: string | null;
      repository?: string | null;
      ref?: string;
    }
  /** A prompt that waits goes first, and what runs is stopped for it. */
  | { type: 'sendNow'; runId: string; ref?: string }
  | { type: 'pong'; ref?: string }
  | RunInput;
