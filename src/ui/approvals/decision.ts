/** What a person decides about one question, and how that is said afterwards. */
import type { Interrupt, ResumeEntry } from '../../transport/protocol.ts';
import { words } from '../words/words.ts';

export type Decision =
  | { approved: true; scope: 'once' | 'conversation'; input?: Record<string, unknown> }
  | { approved: false; message: string };

/** A question of Claude's own, with options to choose from; all others ask for leave. */
export function isQuestion({ metadata }: Interrupt): boolean {
  return metadata?.toolName === 'AskUserQuestion';
}

export function inputOf({ metadata }: Interrupt): Record<string, unknown> {
  const input: unknown = metadata?.input;
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
}

/** “Allowed once.” and the like, for what was decided on this page or another. */
export function decisionWords({ payload }: ResumeEntry): string {
  const decided: Record<string, unknown> =
    typeof payload === 'object' && payload !== null ? { ...payload } : { approved: payload };
  if (decided.approved !== true) return words.approvals.denied;
  if (decided.scope === 'conversation') return words.approvals.allowedHere;
  return decided.input === undefined ? words.approvals.allowedOnce : words.approvals.allowedEdited;
}

/** What was answered to a question; empty where that is not known. */
export function answersIn({ payload }: ResumeEntry): [question: string, answer: string][] {
  const input = (payload as { input?: { answers?: unknown } } | null)?.input;
  const answers = input?.answers;
  if (typeof answers !== 'object' || answers === null) return [];
  return Object.entries(answers).map(([question, answer]) => [question, String(answer)]);
}
