/** What a run answered, and what it was asked: for who wants to take it elsewhere, or ask again. */
import { ancestors } from './asks.ts';
import type { Run, UserItem } from './thread.ts';

export interface Answer {
  /** As Claude wrote it, in markdown; empty: it said nothing. */
  readonly text: string;
  /** The last message of it; null: there is none. */
  readonly messageId: string | null;
}

/** Claude's own words in a run, without its thoughts and what its subagents said. */
export function answerOf({ items }: Pick<Run, 'items'>): Answer {
  const parts = items.flatMap((item) =>
    item.kind === 'text' && item.lane === null && item.text.trim() !== '' ? [item] : [],
  );
  const text = parts.map((part) => part.text.trim()).join('\n\n');
  return { text, messageId: parts.at(-1)?.id ?? null };
}

/** The prompt that began a run's turn; null where none did, or its run is not known. */
export function promptOfTurn(runs: readonly Run[], run: Run): UserItem | null {
  const turn = [run, ...ancestors({ runs: [...runs] }, run).map((parent) => parent.run)];
  for (const { items } of turn)
    for (const item of items) if (item.kind === 'user' && item.runId !== null) return item;
  return null;
}
