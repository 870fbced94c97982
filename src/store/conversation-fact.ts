import type { FaultCode } from '../faults.ts';
import type { Choice, ContextFill } from '../transport/protocol.ts';
import type { Refused } from './limits.ts';

/** What those who watch a conversation hear besides its journal. */
export type ConversationFact =
  | { type: 'promptWithdrawn'; runId: string }
  | { type: 'pendingChanged' }
  /** What a list says of it is another; with a run that begins or ends this comes before the journal has it. */
  | { type: 'activityChanged' }
  /** A prompt waits for a limit; told again when the limit is another. */
  | { type: 'promptParked'; runId: string; refusal: Refused }
  /** It was sent, or taken back. */
  | { type: 'promptUnparked'; runId: string }
  | ({ type: 'contextFilled' } & ContextFill)
  | { type: 'chosen'; choice: Choice }
  /** Nothing more of it can be kept; what was kept so far stays. */
  | { type: 'journalFailed'; fault: FaultCode };
