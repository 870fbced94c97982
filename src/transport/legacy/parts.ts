/**
 * What the kept chunks of a run say to a client that wants its answer's text alone: words, words taken back, and how
 * it ended. Chunks are written by us with their type first, so that most need no parsing.
 */
import { FAULTS, type FaultCode } from '../../faults.ts';
import type { AguiEvent, DirectFrame } from '../protocol.ts';
import { openQuestion, STOPPED } from './sentences.ts';

export type Part =
  | { readonly type: 'said'; readonly messageId: string; readonly text: string }
  /** The API took back what these messages had said so far. */
  | { readonly type: 'withdrawn'; readonly messageIds: readonly string[] }
  | { readonly type: 'ended'; readonly threadId: string | null; readonly failure: Failure | null };

/** Why there is no whole answer. */
export interface Failure {
  /** A fault code, or AG-UI's word for an outcome that is no success. */
  readonly code: string;
  readonly message: string;
  /** Of HTTP. */
  readonly status: number;
}

const TELLING = ['TEXT_MESSAGE_CONTENT', 'CUSTOM', 'RUN_FINISHED', 'RUN_ERROR'].map(
  (type) => `{"type":"${type}"`,
);

/** Null: nothing of it is for this client. @param page Where approvals are answered. */
export function partOfChunk(chunk: string, page: string | null): Part | null {
  if (!TELLING.some((start) => chunk.startsWith(start))) return null;
  return partOf(JSON.parse(chunk) as AguiEvent, page);
}

export function partOf(event: AguiEvent | DirectFrame, page: string | null): Part | null {
  switch (event.type) {
    case 'TEXT_MESSAGE_CONTENT': {
      if (event.subagentRunId !== undefined) return null; // it speaks to Claude
      return { type: 'said', messageId: event.messageId, text: event.delta };
    }
    case 'CUSTOM': {
      if (event.name !== 'withdrawn') return null;
      return { type: 'withdrawn', messageIds: event.value.messageIds };
    }
    case 'RUN_ERROR': {
      const code = event.code as FaultCode;
      const { status } = FAULTS[code];
      const failure = { code, message: event.message, status: status ?? 502 };
      return { type: 'ended', threadId: null, failure };
    }
    case 'RUN_FINISHED': {
      const { threadId, outcome } = event;
      if (outcome?.type === 'interrupt') {
        const tools = outcome.interrupts.map(({ metadata }) => String(metadata?.toolName));
        const message = openQuestion(tools, page);
        return { type: 'ended', threadId, failure: { code: 'interrupt', message, status: 409 } };
      }
      const wasStopped = outcome?.type === 'cancelled';
      const failure = wasStopped ? { code: 'cancelled', message: STOPPED, status: 409 } : null;
      return { type: 'ended', threadId, failure };
    }
    default:
      return null;
  }
}
