/** What a conversation is made of. */
import type { ClaudeInput } from '../claude/facts.ts';
import type { ConversationFact } from '../store/conversation-fact.ts';
import type { Journal } from '../store/journal.ts';
import type { RunTiming, TimedRun } from '../telemetry/run-meter.ts';
import type { Choice, ContextFill } from '../transport/protocol.ts';
import type { Answered } from './approvals.ts';
import type { conversationMachine } from './conversation.machine.ts';
import type { PromptsParts } from './prompts.ts';
import type { RunChargesParts } from './run-charges.ts';
import type { RunSlot, SlotParts } from './run-gate.ts';
import type { Messages } from './run-recorder.ts';

export interface ConversationParts {
  readonly journal: Journal;
  readonly machine: typeof conversationMachine;
  readonly claude: Omit<ClaudeInput, 'desk' | 'nextBlockId'>;
  /** What it is set to. */
  readonly choice: Choice;
  /** Whether the CLI may run the command in a text, and read the files it mentions. */
  readonly mayExpand: (text: string, choice: Choice) => boolean;
  readonly processIdleMs: number;
  /** The operator's: no approval lasts beyond it. */
  readonly permissionMode: string;
  /** A question of Claude's was answered, in words or by a choice. */
  readonly onAnswered: (answered: Answered) => void;
  /** Tells the ledger what a run has used so far. */
  readonly spend: RunChargesParts['spend'];
  readonly onBug: (error: unknown) => void;
  /** What was said so far, as far as it is durable. */
  readonly messages: Messages;
  /** Begins to time a run; model null: the CLI's own. */
  readonly time: (run: Pick<TimedRun, 'runId' | 'parentRunId' | 'model'>) => RunTiming;
  readonly readImages: PromptsParts['readImages'];
  readonly kept: PromptsParts['kept'];
  readonly newRunId: () => string;
  /** Its turns among all conversations. */
  readonly slotOf: (heard: Omit<SlotParts, 'user'>) => RunSlot;
  readonly roomIsWanted: () => boolean;
  readonly withdraw: (runId: string) => void;
  /** Whether Claude is to find a title, and where it goes. */
  readonly wantsTitle: boolean;
  readonly titled: (title: string) => void;
  /** How full Claude's context is after a turn. */
  readonly filled: (fill: ContextFill) => void;
  readonly tell: (fact: ConversationFact) => void;
}
