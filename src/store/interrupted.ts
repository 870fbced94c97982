/** How a run ends whose server, or whose journal, was gone before it: with what it had, and never run again. */
import { FAULTS } from '../faults.ts';
import { endsTurn } from './fold.ts';
import { type ConversationKey, type NewRow, type Row, threadOf } from './store.ts';

const CHUNK = JSON.stringify({
  type: 'RUN_ERROR',
  message: FAULTS.interrupted.say,
  code: 'interrupted',
});

export function interrupted(runId: string): NewRow {
  return { runId, chunk: CHUNK, marks: 'runEnded' };
}

/** A question whose process has gone ends in a run that goes on from it, so that nobody is asked in vain. */
export function cutOffQuestion(key: ConversationKey, last: Row, runId: string): NewRow[] {
  if (!last.chunk.startsWith('{"type":"RUN_FINISHED"') || endsTurn(last.chunk)) return [];
  const ids = { threadId: threadOf(key), runId, parentRunId: last.runId };
  const input = { ...ids, messages: [], tools: [], context: [] };
  const chunk = JSON.stringify({ type: 'RUN_STARTED', ...ids, input });
  return [{ runId, chunk, marks: 'runStarted' }, interrupted(runId)];
}
