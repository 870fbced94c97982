import type {
  AguiEvent,
  Interrupt,
  Message,
  Receipt,
  ResumeEntry,
} from '../../transport/protocol.ts';
import { type Prompt, promptIn } from './prompt-content.ts';

/**
 * A conversation as people see it. Objects are never changed once made, only replaced, so that a view can
 * tell by identity what moved; only the list of runs itself is written in place (see `Thread`).
 */
export type Item = UserItem | TextItem | ThinkingItem | ToolItem | NoteItem;

/** Epoch ms by the server's clock; missing where it did not say, as in journals from before it did. */
type At = number | undefined;

interface Part {
  /** The message id or tool call id of the wire; unique in its run. */
  readonly id: string;
  /** The lane it belongs to, where a subagent said or did it; null for Claude itself. */
  readonly lane: string | null;
}
export interface UserItem extends Part, Prompt {
  readonly kind: 'user';
  /** The run it began; null where the server did not say. */
  readonly runId: string | null;
}
export interface TextItem extends Part {
  readonly kind: 'text';
  readonly text: string;
  /** More is still to come. */
  readonly open: boolean;
  readonly startedAt?: At;
}
export interface ThinkingItem extends Part {
  readonly kind: 'thinking';
  readonly text: string;
  readonly open: boolean;
  readonly startedAt?: At;
  /** How long it took, once it is over and where that was told. */
  readonly durationMs?: number;
}
export interface ToolItem extends Part {
  readonly kind: 'tool';
  readonly name: string;
  /** The message that called it; null where the server did not say. */
  readonly parentId: string | null;
  /** The input as JSON text, growing while it streams: not valid JSON before `writing` is over. */
  readonly args: string;
  readonly result: string | null;
  /** UTF-16 units of the whole result, where only its beginning is here; null: it is whole. */
  readonly fullLength: number | null;
  /** Why it was not allowed to run, in the CLI's words; null: it was, as far as is known. */
  readonly denied: string | null;
  /** `ended`: its run is over and no result came. */
  readonly state: 'writing' | 'running' | 'asking' | 'done' | 'failed' | 'ended';
  readonly startedAt?: At;
  /** Since its input was whole. */
  readonly runningSince?: At;
}

/** Something that happened between the words, told in one line. */
export interface NoteItem extends Part {
  readonly kind: 'note';
  readonly note: 'compacted' | 'fallback' | 'withdrawn';
  /** The model that answers instead, for `fallback`; else empty. */
  readonly detail: string;
}

/** A subagent: what it says and does is found by `Item.lane`. */
export interface Lane {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly startedAt?: At;
}

/** The API was busy, and is tried again. */
export interface Retry {
  readonly attempt: number;
  readonly maxRetries: number;
  /** Epoch ms of the next try, by the server's clock. */
  readonly at: number;
  readonly status: number | null;
}

/** What a run used; costs in US dollars. Null: it was not told. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number | null;
  readonly durationMs: number | null;
}

export interface Run {
  readonly id: string;
  /** The interrupted run this one goes on from; null for a prompt of its own. */
  readonly parentId: string | null;
  readonly items: readonly Item[];
  /** `asking`: ended by an interrupt that nobody has answered yet. */
  readonly state: 'live' | 'done' | 'stopped' | 'failed' | 'asking' | 'answered';
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Why it was stopped, where that was for its budget. */
  readonly receipt: Receipt | null;
  readonly asks: readonly Interrupt[];
  /** What the later run said in answer to `asks`; null where the server did not repeat it. */
  readonly answer: readonly ResumeEntry[] | null;
  readonly lanes: readonly Lane[];
  /** Until the next word comes. */
  readonly retry: Retry | null;
  readonly isCompacting: boolean;
  readonly usage: Usage | null;
  /** What the turn has written so far, as far as the API told; null: nothing yet. */
  readonly outputTokens: number | null;
  readonly startedAt?: At;
  /** When something began or ended in it last. */
  readonly movedAt?: At;
}

/** Written in place by `fold`, one conversation's worth; views get copies of the list. */
export interface Thread {
  readonly runs: Run[];
}

export type EventOf<T extends AguiEvent['type']> = Extract<AguiEvent, { type: T }>;

export function emptyRun(id: string, parentId: string | null, startedAt?: At): Run {
  return {
    id,
    parentId,
    items: [],
    state: 'live',
    error: null,
    receipt: null,
    asks: [],
    answer: null,
    lanes: [],
    retry: null,
    isCompacting: false,
    usage: null,
    outputTokens: null,
    ...(startedAt !== undefined && { startedAt }),
  };
}

/** The run that is being written now, or null. There is at most one: runs of a conversation never overlap. */
export function liveRun(runs: readonly Run[]): Run | null {
  const last = runs.at(-1);
  return last?.state === 'live' ? last : null;
}

/** The run that waits for a person's answer, or null. Only the last one can still be answered. */
export function askingRun(runs: readonly Run[]): Run | null {
  return runs.findLast((run) => run.state === 'asking') ?? null;
}

/** A user's message as an item. */
export function userItem({ id, content }: Message, runId: string | null): UserItem {
  return { kind: 'user', id, lane: null, runId, ...promptIn(content) };
}

/** How long a tool's result is in truth, where `metadata` says that it was cut. */
export function fullLengthIn(metadata: Record<string, unknown> | undefined): number | null {
  return metadata?.truncated === true && typeof metadata.length === 'number'
    ? metadata.length
    : null;
}

/** Text of a message's content; parts that are no text show as their kind in brackets. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: { type?: unknown; text?: unknown }) =>
      typeof part.text === 'string' ? part.text : `[${String(part.type ?? 'attachment')}]`,
    )
    .join('\n');
}
