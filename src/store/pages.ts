/** Lists of conversations, page by page: last used first. */
import type { ConversationRecord, RecordPage } from './history.ts';
import type { ConversationKey } from './store.ts';

const PLACE = /^(\d{1,15})\.(\d{1,15})$/;

/** A conversation's row, as every store has it. */
export type ListedRow = Readonly<Record<string, unknown>>;

/** `rows` is one more than fits, where there are more. */
export function pageOf<Row extends ListedRow>(
  rows: readonly Row[],
  limit: number,
  make: (row: Row) => RecordPage['found'][number],
): RecordPage {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    found: rows.slice(0, limit).map(make),
    before: last ? `${last.updated_at}.${last.id}` : null,
  };
}

export function isPlace(before: string | null): boolean {
  return PLACE.test(before ?? '');
}

/** Where a page goes on: after a conversation used at that time, with that id. */
export function placeOf(before: string | null): [updatedAt: number, id: number] {
  const match = PLACE.exec(before ?? '');
  return match
    ? [Number(match[1]), Number(match[2])]
    : [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
}

export function recordOf(row: ListedRow, title: string): ConversationRecord {
  return {
    key: String(row.key) as ConversationKey,
    title,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    endedAt: Number(row.ended_at),
    forkedFrom:
      row.forked_thread === null
        ? null
        : { threadId: String(row.forked_thread), runId: String(row.forked_run) },
    pinned: Boolean(row.pinned),
  };
}
