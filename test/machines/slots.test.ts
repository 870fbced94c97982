/** A conversation has a slot for one run at a time, in every path, and users take turns for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunGate } from '../../src/machines/run-gate.ts';
import {
  blocked,
  CRASHED,
  EXITED,
  READY,
  SPAWNED,
  START_FAILED,
  type Staged,
  stageConversation,
  TIMES,
  TURN_STARTED,
  turnEnded,
} from './staged-conversation.ts';

const alive = (state: string) => ({ alive: state });

/** Its turns come when the test grants them. */
function scarce(...runIds: string[]): Staged {
  const staged = stageConversation();
  staged.ledger.slotsAreScarce = true;
  staged.prompt(...runIds);
  return staged;
}

function running(...runIds: string[]): Staged {
  const staged = scarce(...runIds);
  staged.ledger.grant();
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.state, alive('running'));
  return staged;
}

test('[R30] no process starts before it is the prompt’s turn', () => {
  const staged = scarce('a');
  assert.equal(staged.state, 'queued');
  assert.equal(staged.ledger.slot, 'wanted');
  staged.wait(100 * TIMES.dormantMs);
  assert.equal(staged.state, 'queued');
  staged.ledger.grant();
  assert.deepEqual(staged.state, alive('admitted'));
});

test('[R30] a ready process waits for its turn as well', () => {
  const staged = running('a');
  staged.say(turnEnded());
  assert.equal(staged.ledger.slot, 'none');
  staged.prompt('b');
  assert.deepEqual(staged.state, alive('ready'));
  assert.equal(staged.ledger.slot, 'wanted');
  staged.ledger.grant();
  assert.deepEqual(staged.state, alive('running'));
  assert.equal(staged.ledger.open, 'b');
});

test('[R30] each prompt has a turn of its own, whatever waits behind it', () => {
  const staged = running('a', 'b');
  assert.equal(staged.ledger.slot, 'held');
  staged.say(turnEnded());
  assert.deepEqual(staged.state, alive('ready'));
  assert.equal(staged.ledger.slot, 'wanted', 'given back, and asked for again');
});

test('a process is warmed without a turn, and its prompt waits for one', () => {
  for (const facts of [[], [SPAWNED], [SPAWNED, READY]]) {
    const staged = stageConversation();
    staged.ledger.slotsAreScarce = true;
    staged.send({ type: 'user.warm' });
    staged.say(...facts);
    assert.equal(staged.ledger.slot, 'none');
    staged.prompt('a');
    assert.equal(staged.ledger.slot, 'wanted');
    staged.say(...[SPAWNED, READY].slice(facts.length));
    assert.deepEqual(staged.state, alive('ready'));
    staged.ledger.grant();
    assert.equal(staged.ledger.open, 'a');
  }
});

test('a conversation that waits for its turn may be warmed meanwhile', () => {
  const staged = scarce('a');
  staged.send({ type: 'user.warm' });
  staged.say(SPAWNED, READY);
  assert.deepEqual(staged.state, alive('ready'));
  staged.ledger.grant();
  assert.equal(staged.ledger.open, 'a');
});

test('[R30] the last prompt that is taken back leaves the queue, others keep the place', () => {
  const staged = scarce('a', 'b');
  staged.abort('a');
  assert.equal(staged.ledger.slot, 'wanted');
  staged.abort('b');
  assert.equal(staged.ledger.slot, 'none');
  assert.equal(staged.state, 'dormant');
});

test('a prompt that is taken back while its process starts gives its turn back', () => {
  const staged = scarce('a');
  staged.ledger.grant();
  staged.say(SPAWNED);
  staged.abort('a');
  assert.equal(staged.ledger.slot, 'none');
  staged.say(READY);
  assert.deepEqual(staged.state, alive('ready'));
});

test('a prompt that is sent now takes the turn that was granted', () => {
  const staged = scarce('a', 'b');
  staged.hurry('b');
  staged.ledger.grant();
  staged.hurry('a');
  staged.hurry('b');
  staged.say(SPAWNED, READY);
  assert.equal(staged.ledger.open, 'b');
  staged.hurry('a');
  assert.equal(staged.ledger.slot, 'held');
  staged.say(turnEnded('cancelled'));
  assert.equal(staged.ledger.slot, 'wanted');
});

test('[R30] a crash gives the turn back, and the next prompt waits for one', () => {
  const staged = running('a', 'b');
  staged.say(CRASHED);
  assert.equal(staged.state, 'queued');
  assert.equal(staged.ledger.slot, 'wanted');
});

test('[R30] a start that fails was the turn of its prompt', () => {
  for (const facts of [[], [SPAWNED]]) {
    const staged = scarce('a', 'b');
    staged.ledger.grant();
    staged.say(...facts, START_FAILED);
    assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.startFailed']);
    assert.equal(staged.state, 'queued');
    assert.equal(staged.ledger.slot, 'wanted');
  }
});

test('[R30] a start that takes too long was the turn of its prompt', () => {
  const staged = scarce('a', 'b');
  staged.ledger.grant();
  staged.say(SPAWNED);
  staged.wait(TIMES.startTimeoutMs);
  staged.say(EXITED);
  assert.deepEqual(staged.ledger.story, ['start a', 'end a claude.startTimeout']);
  assert.equal(staged.ledger.slot, 'wanted');
});

test('a suspended conversation wants no turn', () => {
  const staged = scarce('a', 'b', 'c', 'd');
  for (let i = 0; i < TIMES.crashesMax; i++) {
    staged.ledger.grant();
    staged.say(SPAWNED, START_FAILED);
  }
  assert.equal(staged.state, 'suspended');
  assert.equal(staged.ledger.slot, 'none');
  staged.prompt('e');
  assert.equal(staged.ledger.slot, 'none');
});

for (const type of ['conversation.drain', 'conversation.stop', 'journal.failed'] as const) {
  test(`[R30] ${type} leaves the queue, and gives back a turn that no run has`, () => {
    const queued = scarce('a');
    queued.send({ type });
    assert.equal(queued.state, 'stopped');
    assert.equal(queued.ledger.slot, 'none');

    const starting = scarce('a');
    starting.ledger.grant();
    starting.say(SPAWNED);
    starting.send({ type });
    assert.deepEqual(starting.state, alive('stopping'));
    assert.equal(starting.ledger.slot, 'none');
    starting.say(EXITED);
    assert.equal(starting.state, 'stopped');
    assert.deepEqual(starting.ledger.pending, ['a']);
  });

  test(`[R30] after ${type} a run keeps its turn to its end, and nothing asks for another`, () => {
    const staged = running('a', 'b');
    staged.send({ type });
    assert.equal(staged.ledger.slot, 'held');
    staged.say(turnEnded('cancelled'));
    assert.equal(staged.ledger.slot, 'none');
    staged.say(EXITED);
    assert.equal(staged.state, 'stopped');
    assert.equal(staged.ledger.slot, 'none');
  });
}

test('[R30] [TU3] a turn that waits for an approval holds no slot, and an answer takes one at once', () => {
  const staged = running('a');
  staged.say(blocked('q1'), blocked('q2'));
  assert.equal(staged.ledger.slot, 'none');
  staged.answer('b', 'q1');
  assert.deepEqual(staged.state, alive('awaitingApproval'));
  assert.equal(staged.ledger.slot, 'none', 'the other is still open');
  staged.answer('c', 'q2');
  assert.deepEqual(staged.state, alive('running'));
  assert.equal(staged.ledger.slot, 'held');
  staged.say(turnEnded());
  assert.equal(staged.ledger.slot, 'none');
});

test('a prompt that stands for an answer takes a slot at once', () => {
  const staged = running('a');
  staged.say(blocked('q'));
  staged.prompt('no');
  assert.equal(staged.ledger.slot, 'held');
  assert.equal(staged.ledger.open, 'no');
});

test('a turn that a prompt waited for is given back when a subagent asks before it', () => {
  const staged = running('a');
  staged.say(turnEnded('done', true));
  staged.prompt('b');
  assert.equal(staged.ledger.slot, 'wanted');
  staged.say(blocked('q'));
  assert.deepEqual(staged.state, alive('awaitingApproval'));
  assert.equal(staged.ledger.slot, 'none');
});

test('[TU3] a run that the CLI starts by itself needs no turn, and a prompt that waits keeps its place', () => {
  const staged = running('a');
  staged.say(turnEnded(), TURN_STARTED);
  assert.equal(staged.ledger.open, 'own-1');
  assert.equal(staged.ledger.slot, 'none');
  staged.prompt('b');
  staged.say(turnEnded());
  assert.equal(staged.ledger.slot, 'wanted');
  staged.say(TURN_STARTED);
  staged.ledger.grant();
  assert.equal(staged.ledger.open, 'own-2');
  staged.say(turnEnded());
  assert.equal(staged.ledger.open, 'b');
});

test('a grant that comes too late is none', () => {
  const staged = scarce('a');
  staged.ledger.grant();
  staged.send({ type: 'slot.granted' });
  staged.abort('a');
  staged.send({ type: 'slot.granted' });
  assert.deepEqual(staged.state, alive('admitted'));
  staged.prompt('b');
  assert.equal(staged.ledger.slot, 'wanted');
  staged.send({ type: 'slot.granted' });
  assert.equal(staged.context.slot, 'wanted');
});

test('[R63] [AP7] an approval whose process makes room ends in the journal, and the next prompt goes on', () => {
  const staged = running('a');
  staged.say(blocked('q'));
  staged.send({ type: 'process.reclaim' });
  assert.deepEqual(staged.state, alive('stopping'));
  staged.prompt('b');
  staged.say(turnEnded('cancelled'), EXITED);
  assert.deepEqual(staged.ledger.story, [
    'start a',
    'end a blocked q',
    'start own-1 after a',
    'end own-1 approval.tooMany',
  ]);
  assert.equal(staged.context.crashes.length, 0, 'it is no crash');
  staged.ledger.grant();
  staged.say(SPAWNED, READY);
  assert.equal(staged.ledger.open, 'b');
});

/** What is freed is granted in the same tick. */
const settled = () => new Promise(setImmediate);

/** Conversations at one gate, whose processes start at once. */
function stageUsers(runsMax: number) {
  const gate = new RunGate(runsMax);
  const all: Staged[] = [];
  return {
    gate,
    begins: () => all.flatMap(({ ledger }) => ledger.open ?? []),
    join(user: string, ...runIds: string[]): Staged {
      const staged = stageConversation({}, (onGranted) =>
        gate.slot({ user, onGranted, onMoved: () => {} }),
      );
      all.push(staged);
      staged.prompt(...runIds);
      return staged;
    },
    async settle(): Promise<void> {
      await settled();
      for (const staged of all)
        if (JSON.stringify(staged.state) === JSON.stringify(alive('admitted')))
          staged.say(SPAWNED, READY);
      for (const staged of all) staged.check();
    },
    /** Ends the run that began first. */
    async end(runId: string): Promise<void> {
      const one = all.find(({ ledger }) => ledger.open === runId);
      assert.ok(one, `${runId} does not run`);
      one.say(turnEnded());
      await this.settle();
    },
  };
}

test('[R30] [TU1] one user with fifty conversations delays another’s first prompt by one run at most', async () => {
  const users = stageUsers(1);
  for (let i = 0; i < 50; i++) users.join('ada', `ada ${i}`);
  await users.settle();
  assert.deepEqual(users.begins(), ['ada 0']);
  users.join('bob', 'bob');
  await users.settle();
  await users.end('ada 0');
  assert.deepEqual(users.begins(), ['bob']);
});

test('[R30] [TU1] a conversation with twenty prompts yields after each', async () => {
  const users = stageUsers(1);
  const names = Array.from({ length: 20 }, (_, i) => `ada ${i}`);
  users.join('ada', ...names);
  users.join('ada', 'second of ada');
  users.join('bob', 'bob 0', 'bob 1');
  await users.settle();
  const order: string[] = [];
  for (let i = 0; i < 6; i++) {
    const [runId = ''] = users.begins();
    order.push(runId);
    await users.end(runId);
  }
  assert.deepEqual(order, ['ada 0', 'bob 0', 'second of ada', 'bob 1', 'ada 1', 'ada 2']);
  assert.equal(users.gate.state.running, 1);
});
