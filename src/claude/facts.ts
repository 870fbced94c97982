/** The claude actor's vocabulary: what it reports, obeys, hands out and is given. */
import type { FaultCode } from '../faults.ts';
import type { TokenCounts } from '../tokens.ts';
import type { ContextFill } from '../transport/protocol.ts';
import type { Launch } from './launch.ts';
import type { PromptImage } from './lines-in.ts';
import type { PermissionRequest, TurnUsage } from './message.ts';
import type { PumpClock } from './pump.ts';

/** What the conversation machine hears. */
export type ClaudeFact =
  | { type: 'claude.spawned'; pid: number | null }
  | { type: 'claude.ready' }
  /** The CLI begins a turn; it also begins some by itself. */
  | { type: 'claude.turnStarted' }
  /** Deltas since the process started; tokens since the last turn ended, as far as is known. */
  | { type: 'claude.progress'; deltas: number; tokens: TokenCounts }
  | { type: 'claude.blocked'; requestId: string }
  | { type: 'claude.unblocked'; requestId: string }
  /** Nothing was heard for too long while the API was asked. */
  | { type: 'claude.stalled' }
  | {
      type: 'claude.turnEnded';
      how: 'done' | 'cancelled' | 'failed';
      fault: FaultCode | null;
      usage: TurnUsage;
      deltas: number;
      /** Subagents go on in the background. */
      isDelegating: boolean;
    }
  /** What was said between turns is all, for now. */
  | { type: 'claude.quiet' }
  | { type: 'claude.exited'; fault: FaultCode | null; code: number | null; signal: string | null };

/** What the conversation machine tells it. */
export type ClaudeCommand =
  | { type: 'claude.prompt'; runId: string }
  | { type: 'claude.answer'; requestId: string }
  | { type: 'claude.interrupt' }
  /** Read nothing more, until `claude.resume`: what it has said already cannot be kept as fast. */
  | { type: 'claude.pause' }
  | { type: 'claude.resume' }
  | { type: 'claude.stop' };

export type ClaudeEmitted =
  /** Encoded AG-UI events, in order, never empty. */
  | { type: 'claude.chunks'; chunks: string[] }
  /** The whole text of a result that the next chunk about it holds the beginning of. */
  | { type: 'claude.result'; toolCallId: string; text: string }
  /** How full the context was after the last turn. */
  | { type: 'claude.context'; fill: ContextFill }
  | { type: 'claude.asked'; requestId: string; request: PermissionRequest }
  /** Uuid of the last line of the CLI's transcript, when a turn or the process has ended. */
  | { type: 'claude.reached'; uuid: string }
  /** What the CLI would call the conversation. */
  | { type: 'claude.titled'; title: string }
  /** The CLI's own words about how the turn or the process ended, for the people who watch. */
  | { type: 'claude.words'; words: string };

export type PermissionAnswer =
  | {
      behavior: 'allow';
      updatedInput: Record<string, unknown>;
      updatedPermissions?: Record<string, unknown>[];
    }
  | { behavior: 'deny'; message: string };

/** Where the actor fetches what facts and commands only name. */
export interface ClaudeDesk {
  promptText(runId: string): string;
  /**
   * Resolves once the prompt may be written; null: at once, and it has none. They are read when they are wanted, so
   * that what waits is small.
   */
  promptImages(runId: string): Promise<readonly PromptImage[]> | null;
  /** Whether the CLI is to run the command that the prompt begins with, and to read the files it mentions. */
  isExpanded(runId: string): boolean;
  /** The prompt, where the conversation wants a title found for it; once. */
  takeUntitled(runId: string): string | null;
  /** Hands out the answer to an approval, once. */
  takeAnswer(requestId: string): PermissionAnswer;
}

export interface ClaudeInput {
  readonly launch: () => Launch;
  readonly desk: ClaudeDesk;
  /**
   * Runs `start` (which resolves when the process answers, or has failed to) when the machine has room, and
   * keeps the room until `ended`; does nothing when `signal` aborts first.
   */
  readonly admit: (
    start: () => Promise<void>,
    ended: Promise<void>,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly clock: PumpClock;
  /** Silence that ends a turn, while a request to the API is out. */
  readonly stallMs: number;
  /** Cuts secrets out of the CLI's own words before people see them. */
  readonly redact: (words: string) => string;
  readonly newUuid: () => string;
  /** Block ids, unique in the conversation. */
  readonly nextBlockId: () => string;
  /** A bug in here ends this process alone; it is told, not thrown into the event loop. */
  readonly onBug: (error: unknown) => void;
  /** Hears the kind of each line that this release does not know. */
  readonly onUnknown: (what: string) => void;
}
