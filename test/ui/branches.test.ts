import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BranchView } from '../../src/transport/views.ts';
import { branchMap } from '../../src/ui/branches/branches.ts';

const branch = (threadId: string, runId: string, ownRunId: string | null): BranchView => ({
  ...{ threadId, runId, ownRunId, title: 'T', createdAt: 1 },
});

test('each place is found by the run that stands there in the conversation on screen', () => {
  const branches = [
    branch('a', 'r2', 'r2'),
    branch('b', 'r2', 'r7'),
    branch('c', 'r2', 'r8'),
    branch('b', 'r9', 'r9'),
    branch('d', 'r9', null),
  ];
  const of = (threadId: string) => Object.fromEntries(branchMap(threadId, branches));
  assert.deepEqual(of('a'), { r2: { threads: ['a', 'b', 'c'], at: 0 } });
  assert.deepEqual(of('b'), {
    r7: { threads: ['a', 'b', 'c'], at: 1 },
    r9: { threads: ['b', 'd'], at: 0 },
  });
  assert.deepEqual(of('d'), {}, 'before its first prompt there is no place to show it at');
  assert.deepEqual(of('e'), {});
});
