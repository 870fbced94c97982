/** What Claude tells besides its words: busy APIs, summaries, refusals, words taken back. */
import type { Receipt } from '../../transport/protocol.ts';
import { words } from '../words/words.ts';
import { changeTool } from './change.ts';
import { liveRun, type NoteItem, type Run, type Thread } from './thread.ts';
import { numberOrNull } from './usage.ts';

type Fields = Record<string, unknown>;

/** Takes one CUSTOM event into the thread; names that are not known change nothing. */
export function foldNotice(thread: Thread, name: string, value: unknown, at: number): void {
  const fields: Fields = typeof value === 'object' && value !== null ? (value as Fields) : {};
  switch (name) {
    case 'withdrawn':
      return withdraw(thread, fields.messageIds);
    case 'receipt':
      return changeLive(thread, (run) => ({ ...run, receipt: receiptIn(fields) }));
    case 'claude.api_retry':
      return changeLive(thread, (run) => ({ ...run, retry: retryIn(fields, at) }));
    case 'claude.status':
      return changeLive(thread, (run) => ({
        ...run,
        isCompacting: fields.status === 'compacting',
      }));
    case 'claude.usage':
      return changeLive(thread, (run) => ({
        ...run,
        outputTokens: numberOrNull(fields.outputTokens) ?? run.outputTokens,
      }));
    case 'claude.compact_boundary':
      return note(thread, 'compacted');
    case 'claude.model_fallback':
      return note(thread, 'fallback', String(fields.fallbackModel ?? ''));
    case 'claude.permission_denied':
      return changeTool(thread, String(fields.toolUseId), (tool) => ({
        ...tool,
        denied: typeof fields.message === 'string' ? fields.message : words.chat.denied,
      }));
  }
}

/** What is taken back leaves a line behind, so that nobody wonders where it went. */
function withdraw(thread: Thread, ids: unknown): void {
  if (!Array.isArray(ids)) return;
  const gone = new Set<unknown>(ids);
  let isSeen = false;
  thread.runs.forEach((run, index) => {
    const items = run.items.filter(
      (item) => !gone.has(item.id) && !(item.kind === 'tool' && gone.has(item.parentId)),
    );
    if (items.length === run.items.length) return;
    thread.runs[index] = { ...run, items };
    isSeen = true;
  });
  if (isSeen) note(thread, 'withdrawn');
}

function note(thread: Thread, kind: NoteItem['note'], detail = ''): void {
  changeLive(thread, (run) => {
    const last = run.items.at(-1);
    if (last?.kind === 'note' && last.note === kind) return run; // said already
    const id = `note:${run.items.length}`;
    return { ...run, items: [...run.items, { kind: 'note', id, lane: null, note: kind, detail }] };
  });
}

function retryIn({ attempt, maxRetries, delayMs, status }: Fields, at: number): Run['retry'] {
  return {
    attempt: Number(attempt) || 1,
    maxRetries: Number(maxRetries) || 1,
    at: at + (Number(delayMs) || 0),
    status: typeof status === 'number' ? status : null,
  };
}

/** Null where it does not say all that is to be shown. */
function receiptIn({ limit, used, max, runTokens, resetAt }: Fields): Receipt | null {
  const isWhole = [used, max, runTokens, resetAt].every(Number.isFinite);
  return limit === 'tokens' && isWhole
    ? ({ limit, used, max, runTokens, resetAt } as Receipt)
    : null;
}

function changeLive(thread: Thread, edit: (run: Run) => Run): void {
  const run = liveRun(thread.runs);
  if (run) thread.runs[thread.runs.length - 1] = edit(run);
}
