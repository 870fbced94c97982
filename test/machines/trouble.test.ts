/** The conversation machine in trouble: a silent API, a program that keeps crashing, and stops that race. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConversationEvent } from '../../src/machines/conversation.events.ts';
import {
  blocked,
  CRASHED,
  EXITED,
  SPAWNED,
  STALLED,
  START_FAILED,
  type Staged,
  stageConversation,
  TIMES,
  turnEnded,
  unblocked,
} from './staged-conversation.ts';

fc.configureGlobal({ seed: 20_264 });

function running(runId = 'a'): Staged {
  const staged = stageConversation();
  staged.run(runId);
  return staged;
}

test('[R62] a stalled turn is interrupted, fails as stalled, and the next prompt runs', () => {
  const staged = running();
  staged.prompt('b');
  staged.say(STALLED);
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.interrupt' });
  assert.equal(staged.ledger.open, 'a');
  staged.say(turnEnded('cancelled'));
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.prompt', runId: 'b' });
  staged.say(turnEnded());
  assert.deepEqual(staged.ledger.story, [
    'start a',
    'end a claude.stalled',
    'start b',
    'end b done',
  ]);
});

test('[R62] a stalled turn that does not end when told to costs its process', () => {
  const staged = running();
  staged.say(STALLED);
  staged.wait(TIMES.interruptTimeoutMs);
  assert.deepEqual(staged.commands.at(-1), { type: 'claude.stop' });
  staged.say(EXITED);
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.stalled']);
});

test('[R62] a turn that ends by itself before the watchdog’s interrupt reaches it did not stall', () => {
  for (const [how, end] of [
    ['done', 'done'],
    ['failed', 'claude.api'],
  ] as const) {
    const staged = running();
    staged.say(STALLED, turnEnded(how));
    assert.deepEqual(staged.ledger.story, ['start a', `end a ${end}`]);
    staged.prompt('b');
    staged.say(turnEnded('cancelled'));
    assert.equal(staged.ledger.story.at(-1), 'end b cancelled', 'nothing is left of the blame');
  }
});

test('a stall that is told when the turn is being stopped changes nothing', () => {
  const staged = running();
  staged.abort('a');
  staged.say(STALLED, turnEnded('cancelled'));
  assert.deepEqual(staged.ledger.story, ['start a', 'end a cancelled']);
});

const crash = (staged: Staged, runId: string) => {
  staged.run(runId);
  staged.say(CRASHED);
};

test('a process that crashed three times in five minutes is not started for a minute: prompts fail at once', () => {
  const staged = stageConversation();
  for (const runId of ['a', 'b', 'c']) crash(staged, runId);
  assert.equal(staged.state, 'suspended');
  staged.prompt('d');
  assert.equal(staged.processes, 0);
  assert.deepEqual(staged.ledger.story.slice(-2), ['start d', 'end d claude.crashLoop']);
  assert.deepEqual(staged.ledger.pending, []);
  staged.wait(TIMES.crashPauseMs - 1);
  assert.equal(staged.state, 'suspended');
  staged.wait(1);
  staged.run('e');
  assert.equal(staged.ledger.open, 'e');
});

test('prompts that wait at the third crash fail with it, and none is left waiting', () => {
  const staged = stageConversation();
  staged.prompt('a', 'b', 'c', 'd', 'e');
  for (let i = 0; i < 3; i++) staged.say(SPAWNED, START_FAILED);
  assert.deepEqual(
    staged.ledger.story.filter((line) => line.startsWith('end')),
    [
      'end a claude.startFailed',
      'end b claude.startFailed',
      'end c claude.startFailed',
      'end d claude.crashLoop',
      'end e claude.crashLoop',
    ],
  );
  assert.deepEqual(staged.ledger.pending, []);
});

test('a start that took too long counts as a crash', () => {
  const staged = stageConversation();
  for (const runId of ['a', 'b', 'c']) {
    staged.prompt(runId);
    staged.say(SPAWNED);
    staged.wait(TIMES.startTimeoutMs);
    staged.say(EXITED);
  }
  assert.equal(staged.state, 'suspended');
});

test('after the pause one more may be tried; if it crashes as well, the pause begins again', () => {
  const staged = stageConversation();
  for (const runId of ['a', 'b', 'c']) crash(staged, runId);
  staged.wait(TIMES.crashPauseMs);
  crash(staged, 'd');
  assert.equal(staged.state, 'suspended');
});

test('crashes that are five minutes apart are not counted together', () => {
  const staged = stageConversation();
  for (const runId of ['a', 'b', 'c', 'd']) {
    crash(staged, runId);
    assert.equal(staged.state, 'dormant');
    staged.wait(TIMES.crashWindowMs - 1);
    assert.equal(staged.state, 'dormant', 'it stays as long as it has a crash to remember');
    staged.prompt(`${runId}2`);
    staged.wait(1);
    staged.say(SPAWNED, START_FAILED);
    staged.wait(TIMES.crashWindowMs - 1);
    staged.run(`${runId}3`);
    staged.say(turnEnded('failed'));
    staged.wait(TIMES.processIdleMs);
    staged.say(EXITED);
  }
});

test('a turn that goes well clears the budget; one that fails or is stopped does not', () => {
  const ends = { done: 'dormant', failed: 'suspended', cancelled: 'suspended' } as const;
  for (const [how, state] of Object.entries(ends)) {
    const staged = stageConversation();
    crash(staged, 'a');
    crash(staged, 'b');
    staged.run('c');
    staged.say(turnEnded(how as keyof typeof ends));
    staged.say(CRASHED);
    assert.equal(staged.state, state, how);
  }
});

test('a process that was ended on purpose did not crash', () => {
  const staged = stageConversation();
  for (const runId of ['a', 'b', 'c', 'd']) {
    staged.run(runId);
    staged.say(turnEnded('failed'));
    staged.send({ type: 'process.evict' });
    staged.say(EXITED);
  }
  assert.equal(staged.state, 'dormant');
  assert.deepEqual(staged.context.crashes, []);
});

test('[R23] a suspended conversation ends with the server, and warming it starts nothing', () => {
  for (const type of ['conversation.stop', 'conversation.drain', 'journal.failed'] as const) {
    const staged = stageConversation();
    for (const runId of ['a', 'b', 'c']) crash(staged, runId);
    staged.send({ type: 'user.warm' });
    assert.equal(staged.state, 'suspended');
    staged.send({ type });
    assert.equal(staged.state, 'stopped');
  }
});

test('[R63] an approval whose process crashed is said, and the crash counts', () => {
  const staged = running();
  staged.say(blocked('q'), CRASHED);
  assert.deepEqual(staged.ledger.story, [
    'start a',
    'end a blocked q',
    'start own-1 after a',
    'end own-1 claude.crashed',
  ]);
  assert.equal(staged.context.crashes.length, 1);
});

test('[R63] nobody who needs room takes an approval’s process', () => {
  const staged = running();
  staged.say(blocked('q'));
  staged.ledger.roomIsWanted = true;
  staged.send({ type: 'process.evict' });
  staged.wait(100 * TIMES.processIdleMs);
  assert.deepEqual(staged.state, { alive: 'awaitingApproval' });
});

/** Aborts, as impatient people send them, and what Claude says meanwhile, in any order. */
test('in any order: aborts that race with the turn end it once, touch no other, and the next prompt runs', () => {
  const wishes: ConversationEvent[] = [
    { type: 'user.abort', runId: 'a' },
    { type: 'user.abort', runId: 'a' },
    { type: 'user.abort', runId: 'b' },
    { type: 'user.prompt', runId: 'b' },
    { type: 'user.prompt', runId: 'c' },
    blocked('q'),
    STALLED,
  ];
  const property = fc.property(
    fc.shuffledSubarray(wishes),
    fc.nat(wishes.length),
    fc.constantFrom('done' as const, 'cancelled' as const),
    (order, endsAt, how) => {
      const staged = running();
      const before = order.slice(0, endsAt);
      const wasStopped = before.some((e) => e.type === 'user.abort' && e.runId === 'a');
      for (const event of before) staged.send(event);
      if (before.some(({ type }) => type === 'claude.blocked')) staged.say(unblocked('q'));
      staged.say(turnEnded(how));
      for (const event of order.slice(endsAt)) {
        // Claude says nothing of a turn that has ended.
        if (!event.type.startsWith('claude.')) staged.send(event);
      }
      const { ledger } = staged;
      assert.equal(ledger.entries.filter((e) => e.did === 'end' && e.runId === 'a').length, 1);
      if (wasStopped && how === 'cancelled' && !before.includes(STALLED)) {
        const ends = ledger.entries.filter((e) => e.did === 'end' && e.how === 'cancelled');
        assert.equal(ends.length, 1, ledger.story.join(' | '));
      }
      for (let i = 0; ledger.open !== null && i < 5; i++) staged.say(turnEnded(how));
      staged.prompt('last');
      assert.equal(ledger.open, 'last', ledger.story.join(' | '));
    },
  );
  fc.assert(property, { numRuns: 500 });
});
