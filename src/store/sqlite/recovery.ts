/**
 * What a server that died left unfinished: runs that were cut off end with what they had, and are never run
 * again by themselves; a question whose process has gone ends too, so that nobody is asked in vain.
 */
import { randomUUID } from 'node:crypto';
import { FAULTS } from '../../faults.ts';
import { type NewRow, threadOf } from '../store.ts';
import type { Conversation, Conversations } from './conversations.ts';
import type { JournalTables } from './journal-tables.ts';

const INTERRUPTED = { type: 'RUN_ERROR', message: FAULTS.interrupted.say, code: 'interrupted' };

export function endCutOffTurns(conversations: Conversations, journal: JournalTables): void {
  for (const conversation of conversations.all()) {
    const rows = missingEnd(conversation, journal);
    if (rows.length === 0) continue;
    const { key, term } = journal.acquire(conversation.key, '');
    journal.commit([{ key, term, rows, sync: true }]);
  }
}

function missingEnd(conversation: Conversation, journal: JournalTables): NewRow[] {
  const { key, head, turnEnds, turnBefore } = conversation;
  const seq = head?.seq ?? 0;
  const isOver = seq === (conversation.base?.seq ?? 0) || turnEnds.at(-1)?.seq === seq;
  const hasTurn = seq > (turnBefore?.seq ?? 0);
  const last = isOver || !hasTurn ? null : journal.rowAt(conversation, seq);
  if (last === null) return [];
  if (!last.chunk.startsWith('{"type":"RUN_FINISHED"'))
    return [{ runId: last.runId, chunk: JSON.stringify(INTERRUPTED), marks: 'runEnded' }];
  const ids = { threadId: threadOf(key), runId: randomUUID(), parentRunId: last.runId };
  const input = { ...ids, messages: [], tools: [], context: [] };
  const started = { type: 'RUN_STARTED', ...ids, input };
  return [
    { runId: ids.runId, chunk: JSON.stringify(started), marks: 'runStarted' },
    { runId: ids.runId, chunk: JSON.stringify(INTERRUPTED), marks: 'runEnded' },
  ];
}
