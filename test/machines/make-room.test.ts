/** Which process makes room: idle ones first, then approvals above the cap; none is ended that need not be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conversation } from '../../src/machines/conversation.ts';
import { makeRoom, pinned } from '../../src/machines/make-room.ts';

type State = 'ready' | 'awaitingApproval' | 'stopping' | 'running';

/** Conversations that note what they are sent. */
function stage(...states: readonly [name: string, state: State][]) {
  const sent: string[] = [];
  const living = states.map(([name, state]) => {
    const matches = ({ alive }: { alive: State }) => alive === state;
    const send = ({ type }: { type: string }) => sent.push(`${name} ${type}`);
    const actor = { getSnapshot: () => ({ matches }), send };
    return { key: name, actor } as unknown as Conversation;
  });
  return { living, sent };
}

test('the idle process that was not used for the longest time makes room', () => {
  const { living, sent } = stage(
    ['ada/1', 'running'],
    ['ada/2', 'awaitingApproval'],
    ['bob/1', 'ready'],
    ['ada/3', 'ready'],
  );
  makeRoom(living, 1, 0);
  assert.deepEqual(sent, ['bob/1 process.evict']);
});

test('as many as are waited for end, and no more', () => {
  const { living, sent } = stage(['ada/1', 'stopping'], ['ada/2', 'ready']);
  makeRoom(living, 1, 0);
  makeRoom(living, 0, 0);
  assert.deepEqual(sent, []);
  makeRoom(living, 2, 0);
  assert.deepEqual(sent, ['ada/2 process.evict']);
});

test('[R30] then the oldest approval of the user who has most above the cap', () => {
  const { living, sent } = stage(
    ['ada/1', 'awaitingApproval'],
    ['bob/1', 'awaitingApproval'],
    ['ada/2', 'awaitingApproval'],
    ['bob/2', 'awaitingApproval'],
    ['bob/3', 'awaitingApproval'],
  );
  makeRoom(living, 1, 3);
  assert.deepEqual(sent, [], 'nobody is above it');
  makeRoom(living, 1, 2);
  makeRoom(living, 1, 1);
  assert.deepEqual(sent, ['bob/1 process.reclaim', 'bob/1 process.reclaim']);
  assert.equal(pinned(living), 5);
});

test('where nobody waits no approval is given up', () => {
  const { living, sent } = stage(['ada/1', 'awaitingApproval'], ['ada/2', 'awaitingApproval']);
  makeRoom(living, 0, 0);
  assert.deepEqual(sent, []);
});
