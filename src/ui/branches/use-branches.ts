import { useEffect, useState } from 'react';
import { type BranchMap, branchMap, NO_BRANCHES } from './branches.ts';

/**
 * Where the conversation on screen parts from others.
 * @param turn Changes when a run begins: a fork is told apart from its first prompt on.
 */
export function useBranches(threadId: string | null, turn: string | null): BranchMap {
  const [known, setKnown] = useState<{ threadId: string; map: BranchMap } | null>(null);
  useEffect(() => {
    if (threadId === null || turn === null) return;
    let isWanted = true;
    import('./branch-api.ts')
      .then(({ branchesOf }) => branchesOf(threadId))
      .then(({ branches }) => {
        if (isWanted) setKnown({ threadId, map: branchMap(threadId, branches) });
      })
      .catch(() => {}); // the conversation can be read without
    return () => {
      isWanted = false;
    };
  }, [threadId, turn]);
  return known !== null && known.threadId === threadId ? known.map : NO_BRANCHES;
}
