/** The ways a conversation could have gone: at each place that was forked, the original and its forks. */
import type { BranchView } from '../../transport/views.ts';

/** Where one conversation stands among those that part at one of its prompts. */
export interface Siblings {
  /** All of them, in the order they were made; conversations by id. */
  readonly threads: readonly string[];
  /** Which of them this one is, from 0. */
  readonly at: number;
}

/** By the run whose prompt it parts at, as this conversation has it. */
export type BranchMap = ReadonlyMap<string, Siblings>;

export const NO_BRANCHES: BranchMap = new Map();

export function branchMap(threadId: string, branches: readonly BranchView[]): BranchMap {
  const places = new Map<string, BranchView[]>();
  for (const branch of branches)
    places.set(branch.runId, [...(places.get(branch.runId) ?? []), branch]);
  const map = new Map<string, Siblings>();
  for (const siblings of places.values()) {
    const at = siblings.findIndex((branch) => branch.threadId === threadId);
    const own = siblings[at]?.ownRunId;
    const threads = siblings.map((branch) => branch.threadId);
    if (own && threads.length > 1) map.set(own, { threads, at });
  }
  return map;
}
