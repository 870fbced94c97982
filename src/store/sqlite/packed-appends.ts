/**
 * Appends on their way to the worker thread, as columns: a message is copied value by value, and the names of an
 * object's fields would be copied with each row.
 */
import type { ConversationKey, NewRow } from '../store.ts';
import type { Append } from './journal-tables.ts';

export interface PackedAppends {
  readonly keys: ConversationKey[];
  readonly terms: number[];
  readonly syncs: boolean[];
  /** How many rows each has. */
  readonly lengths: number[];
  /** Of each row. */
  readonly runIds: string[];
  readonly chunks: string[];
  /** What few rows have besides, by the place of the row. */
  readonly others: Map<number, NewRow>;
}

export function pack(appends: readonly Append[]): PackedAppends {
  const packed: PackedAppends = {
    ...{ keys: [], terms: [], syncs: [], lengths: [] },
    ...{ runIds: [], chunks: [], others: new Map() },
  };
  for (const { key, term, rows, sync } of appends) {
    packed.keys.push(key);
    packed.terms.push(term);
    packed.syncs.push(sync);
    packed.lengths.push(rows.length);
    for (const row of rows) {
      if (row.marks !== undefined || row.result !== undefined)
        packed.others.set(packed.chunks.length, row);
      packed.runIds.push(row.runId);
      packed.chunks.push(row.chunk);
    }
  }
  return packed;
}

export function unpack({ keys, lengths, ...packed }: PackedAppends): Append[] {
  let place = 0;
  return keys.map((key, i) => {
    const rows: NewRow[] = [];
    for (const end = place + (lengths[i] ?? 0); place < end; place += 1) {
      const [runId = '', chunk = ''] = [packed.runIds[place], packed.chunks[place]];
      rows.push(packed.others.get(place) ?? { runId, chunk });
    }
    return { key, term: packed.terms[i] ?? 0, rows, sync: packed.syncs[i] ?? false };
  });
}
