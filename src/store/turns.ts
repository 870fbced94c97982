/** The turns of a conversation as places to fork it at, from the rows that stores keep of its runs. */
import type { Branch, ForkOrigin } from './history.ts';
import { type ConversationKey, conversationKey, type ForkPlace, threadOf } from './store.ts';

/** Forks that one place may have. */
export const FORKS_MAX = 50;
/** Sessions that may hold what a fork goes on from: its source's own, and those before it. */
const SESSIONS_MAX = 4;

/** The place before a turn. */
export interface Place {
  /** The row before it. */
  readonly seq: number;
  readonly transcriptAt: string | null;
  readonly sessions: readonly string[];
  /** The turn's first run, and the conversation it was first asked in: the same for all forks made here. */
  readonly origin: ForkOrigin;
}

export interface Turn {
  readonly place: Place;
  readonly runIds: string[];
  ended: boolean;
}

/** Of a conversation, what places in it are told by. */
export interface Forkable {
  readonly key: ConversationKey;
  readonly sessionId: string;
  readonly fork: (ForkPlace & { readonly from: ForkOrigin }) | null;
}

/** A row of a table; the columns have the same names in every store. */
type TableRow = Readonly<Record<string, unknown>>;

/** @param rows Of `inherited_runs`, by `before_seq`. */
export function inheritedTurns({ sessionId, fork }: Forkable, rows: readonly TableRow[]): Turn[] {
  const turns = new Map<number, Turn>();
  const sessions = [sessionId, ...(fork?.sessions ?? [])].slice(0, SESSIONS_MAX);
  for (const row of rows) {
    const seq = Number(row.before_seq);
    const origin = { threadId: String(row.origin_thread), runId: String(row.origin_run) };
    const place = { seq, transcriptAt: text(row.transcript_at), sessions, origin };
    const turn = turns.get(seq) ?? { place, runIds: [], ended: true };
    turn.runIds.push(String(row.run_id));
    turns.set(seq, turn);
  }
  return [...turns.values()];
}

/** @param rows Of `runs` that have started, by `before_seq`. */
export function ownTurns({ key, sessionId, fork }: Forkable, rows: readonly TableRow[]): Turn[] {
  const turns: Turn[] = [];
  let transcriptAt: string | null = null;
  for (const row of rows) {
    const runId = String(row.run_id);
    let turn = turns.at(-1);
    if (!turn || turn.ended) {
      const seq = Number(row.before_seq ?? 0);
      const place =
        fork && turns.length === 0
          ? { seq, transcriptAt: fork.at, sessions: fork.sessions, origin: fork.from }
          : {
              seq,
              transcriptAt,
              sessions: [sessionId],
              origin: { threadId: threadOf(key), runId },
            };
      turn = { place, runIds: [], ended: false };
      turns.push(turn);
    }
    turn.runIds.push(runId);
    turn.ended = row.turn_end !== null;
    transcriptAt = text(row.transcript_at);
  }
  return turns;
}

/** Each place once: those of the turns, and the one where the conversation itself was forked. */
export function originsOf(turns: readonly Turn[], { fork }: Forkable): ForkOrigin[] {
  const origins = turns.map(({ place }) => place.origin);
  if (fork) origins.push(fork.from);
  return [...new Map(origins.map((origin) => [nameOf(origin), origin] as const)).values()];
}

/** Whether a conversation's row is of a fork made there. */
export function isAt(fork: TableRow, { threadId, runId }: ForkOrigin): boolean {
  return fork.forked_thread === threadId && fork.forked_run === runId;
}

export function branchOf(fork: TableRow, title: string, ownRunId: unknown): Branch {
  return {
    threadId: threadOf(String(fork.key) as ConversationKey),
    runId: String(fork.forked_run),
    ownRunId: text(ownRunId),
    title,
    createdAt: Number(fork.created_at),
  };
}

export function originalOf({ threadId, runId }: ForkOrigin, title: string, at: unknown): Branch {
  return { threadId, runId, ownRunId: runId, title, createdAt: Number(at) };
}

export function keyOf(user: string, { threadId }: ForkOrigin): ConversationKey {
  return conversationKey(user, threadId);
}

function nameOf({ threadId, runId }: ForkOrigin): string {
  return `${threadId}/${runId}`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
