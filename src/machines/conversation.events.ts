/** The conversation machine's vocabulary: what it hears, keeps and needs done, and how a run ends. */
import type { ClaudeFact, ClaudeInput } from '../claude/facts.ts';
import type { TurnUsage } from '../claude/message.ts';
import type { FaultCode } from '../faults.ts';
import type { TokenCounts } from '../tokens.ts';
import type { Slot } from './run-gate.ts';

/** How a run ended. `blocked`: it waits for the answers to `requestIds`, and another run goes on from there. */
export type RunEnd =
  | { how: 'done' | 'cancelled'; usage: TurnUsage | null }
  | { how: 'failed'; fault: FaultCode; usage: TurnUsage | null }
  | { how: 'blocked'; requestIds: readonly string[]; usage: TurnUsage | null };

/** What the machine needs done: it decides, these do. All return at once and none throws. */
export interface ConversationPorts {
  readonly claude: ClaudeInput;
  /** Its turns among all conversations. */
  readonly slot: Slot;
  /** Opens the journal's record of a run, with its prompt where it has one. */
  startRun(runId: string, parentRunId: string | null): void;
  endRun(runId: string, end: RunEnd): void;
  /** A prompt was taken back before it started: as if it had never been sent. */
  withdrawPrompt(runId: string): void;
  /** Makes the text of a prompt the answer “no” to each request. */
  denyWith(runId: string, requestIds: readonly string[]): void;
  /** The process exists: listen to what it emits. */
  listen(): void;
  /** Which prompts wait has changed: these do now, the next one first. */
  pendingChanged(queue: readonly string[]): void;
  newRunId(): string;
  /** Milliseconds, on the clock of the timers. */
  now(): number;
  /** What the open run's turn has used so far; where the day's tokens are used up, `budget.spent` comes. */
  spend(runId: string, tokens: TokenCounts): void;
  /** Whether another conversation waits for the room an idle process takes. */
  roomIsWanted(): boolean;
}

export interface ConversationInput {
  readonly ports: ConversationPorts;
  readonly startTimeoutMs: number;
  readonly interruptTimeoutMs: number;
  readonly processIdleMs: number;
  readonly dormantMs: number;
  /** So many crashes within so long are too many; then nothing is started for so long. */
  readonly crashesMax: number;
  readonly crashWindowMs: number;
  readonly crashPauseMs: number;
}

export const CONVERSATION_TIMES = {
  /** 0.4 to 0.8 s when measured on an idle machine, more under load. */
  startTimeoutMs: 30_000,
  interruptTimeoutMs: 10_000,
  dormantMs: 60_000,
  crashesMax: 3,
  crashWindowMs: 300_000,
  crashPauseMs: 60_000,
};

export interface ConversationContext extends ConversationInput {
  /** Accepted prompts that have not started, in the order they will. */
  readonly queue: readonly string[];
  /** Its turn on the machine: none is asked for, waited for, there for the next prompt, or that of the open run. */
  readonly slot: 'none' | 'wanted' | 'granted' | 'used';
  /** The run that Claude's words belong to; null between runs and while approvals are awaited. */
  readonly run: string | null;
  /** The run that ended in a question nothing has gone on from yet: the next one names it as its parent. */
  readonly blockedRun: string | null;
  /** Approvals asked for and not answered. */
  readonly asking: readonly string[];
  /** Why the process is being ended, when that is a fault of this turn. */
  readonly fault: FaultCode | null;
  /** The process was started before its user chose otherwise: its next turn is another's. */
  readonly outdated: boolean;
  /** Of the process, once it exists. */
  readonly pid: number | null;
  /** When the process crashed or did not start, since the last turn that went well; `crashesMax` at most. */
  readonly crashes: readonly number[];
  /** The server drains: what is at work ends by itself, and nothing new begins. */
  readonly draining: boolean;
  /** The server stops: what is still at work ends as interrupted. */
  readonly leaving: boolean;
  readonly deltas: number;
}

export type ConversationEvent =
  | ClaudeFact
  /** Claude says something while no run is open. */
  | { type: 'claude.spoke' }
  /** The run has used the last of its user's tokens for the day. */
  | { type: 'budget.spent'; runId: string }
  | { type: 'user.prompt'; runId: string }
  | { type: 'user.warm' }
  /** Another model, effort or repository: a process that was started before does not know. */
  | { type: 'user.chose' }
  | { type: 'user.answer'; runId: string; requestIds: readonly string[] }
  | { type: 'user.abort'; runId: string }
  /** A prompt that waits goes first, and what runs is stopped for it. */
  | { type: 'user.hurry'; runId: string }
  /** The turn it waited for has come. */
  | { type: 'slot.granted' }
  /** Others need the room this idle process takes. */
  | { type: 'process.evict' }
  /** Others need the room, and its user has more approvals open than may keep a process. */
  | { type: 'process.reclaim' }
  | { type: 'journal.failed' }
  | { type: 'conversation.drain' }
  | { type: 'conversation.stop' };

/** What the run that is open, or the prompt that waits, is to blame its end on. */
export function faultOf(
  { fault, leaving }: ConversationContext,
  event: ConversationEvent,
): FaultCode | null {
  // It ended by itself, before the interrupt reached it.
  const isStopped = fault === 'claude.stalled' || fault === 'limits.tokens';
  if (isStopped && event.type === 'claude.turnEnded' && event.how !== 'cancelled')
    return event.fault;
  if (fault !== null) return fault;
  if (leaving) return 'interrupted';
  return 'fault' in event ? event.fault : null;
}

/** How the open run ends by this event. */
export function endOf(context: ConversationContext, event: ConversationEvent): RunEnd {
  const usage = 'usage' in event ? event.usage : null;
  const fault = faultOf(context, event);
  if (fault !== null) return { how: 'failed', fault, usage };
  return {
    how: endsWell(event) ? 'done' : 'cancelled',
    usage,
  };
}

/** A run of the server's own ends where its turn does, or where the next prompt begins. */
function endsWell(event: ConversationEvent): boolean {
  if (event.type === 'claude.turnEnded') return event.how === 'done';
  return ['claude.quiet', 'user.prompt', 'slot.granted'].includes(event.type);
}
