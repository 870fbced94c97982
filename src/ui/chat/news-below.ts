/** What came since the reader left the end of a conversation. */
import type { Run } from './thread.ts';

/** The end as it was when the reader was last there. */
export interface LeftAt {
  /** The last run; null: there was none. */
  readonly runId: string | null;
  readonly wasOver: boolean;
}

export interface NewsBelow {
  /** Answers that were finished since. */
  readonly answers: number;
  readonly isLive: boolean;
}

export function endOf(runs: readonly Run[]): LeftAt {
  const last = runs.at(-1);
  return { runId: last?.id ?? null, wasOver: last !== undefined && isOver(last) };
}

/** Where the run it was left at is gone (the conversation was told anew), nothing counts as new. */
export function newsSince({ runId, wasOver }: LeftAt, runs: readonly Run[]): NewsBelow {
  const isLive = runs.at(-1)?.state === 'live';
  const at = runId === null ? -1 : runs.findLastIndex(({ id }) => id === runId);
  if (at < 0 && runId !== null) return { answers: 0, isLive };
  return { answers: runs.slice(wasOver ? at + 1 : Math.max(at, 0)).filter(isOver).length, isLive };
}

/** An interrupted run goes on in another: that one's end is the answer's. */
function isOver({ state }: Run): boolean {
  return state === 'done' || state === 'stopped' || state === 'failed';
}
