/** What of a journal a reader by a link is told: all that was said and done, and nothing of what it cost or was allowed. */
import type { EncodedRow } from './fanout.ts';
import { encodeRow } from './fanout.ts';
import type { Outbox } from './outbox.ts';

/** Chunks begin with their type; most rows are passed on as the same bytes that the owner gets. */
const ENDS_RUN = /^\{"type":"RUN_(FINISHED|ERROR)"/;
const OWN_AFFAIR = /^\{"type":"CUSTOM","name":"(receipt|claude\.(usage|init))"/;

/**
 * Null: it is not told at all. Tokens and costs of runs are the owner's own affair, so are budgets, and what Claude may
 * do for them and with which tools.
 */
export function sharedRow(encoded: EncodedRow): EncodedRow | null {
  const { row } = encoded;
  if (OWN_AFFAIR.test(row.chunk)) return null;
  if (!ENDS_RUN.test(row.chunk)) return encoded;
  const { usage: _, result: __, ...chunk } = JSON.parse(row.chunk) as Record<string, unknown>;
  return encodeRow({ ...row, chunk: JSON.stringify(chunk) });
}

/** A way out for rows as readers are told them. */
export function sharedOutbox(outbox: Outbox): Pick<Outbox, 'push' | 'drained'> {
  return {
    push(encoded) {
      const shown = sharedRow(encoded);
      return shown === null || outbox.push(shown);
    },
    get drained() {
      return outbox.drained;
    },
  };
}
