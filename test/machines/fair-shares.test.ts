/** Turns, room and memory, with real processes: what people are told meanwhile, and what is ended for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import { QUICK, stageSupervisor } from './staged-supervisor.ts';

/** Reached only when what is awaited does not happen. */
const BOUND = { timeout: 20_000 };
const READY = { alive: 'ready' };
const RUNNING = { alive: 'running' };
const ASKING = { alive: 'awaitingApproval' };
const settled = () => new Promise(setImmediate);

test(
  '[R30] [TU2] who waits for a turn is told its place, and each change of it',
  BOUND,
  async () => {
    const staged = stageSupervisor({ maxRuns: 1, maxProcesses: 2 });
    const { supervisor, prompt, reaches, facts, key, ended } = staged;
    const pending = (thread: string) =>
      supervisor.find(key(thread))?.pending.map(({ runId, waitsFor, position }) => ({
        ...{ runId, waitsFor, position },
      }));
    await prompt('first', 'a', 'slow');
    await reaches('first', RUNNING);
    await prompt('first', 'a2', 'error');
    await prompt('second', 'b', 'error');
    await prompt('third', 'c', 'error');
    await prompt('third', 'c2', 'error');
    assert.deepEqual(pending('first'), [{ runId: 'a2', waitsFor: 'turn', position: 1 }]);
    assert.deepEqual(pending('second'), [{ runId: 'b', waitsFor: 'room', position: 1 }]);
    assert.deepEqual(pending('third'), [
      { runId: 'c', waitsFor: 'room', position: 2 },
      { runId: 'c2', waitsFor: 'turn', position: 2 },
    ]);
    await settled();
    facts.length = 0;
    supervisor.abort(key('second'), 'b');
    await settled();
    await settled();
    assert.deepEqual(
      facts.filter(({ type }) => type === 'pendingChanged'),
      [
        { key: key('second'), type: 'pendingChanged' },
        { key: key('third'), type: 'pendingChanged' },
      ],
    );
    assert.equal(pending('third')?.[0]?.position, 1);
    assert.deepEqual(supervisor.state, {
      ...supervisor.state,
      ...{ alive: 1, starting: 0, waiting: 0, running: 1, queued: 1 },
    });
    supervisor.abort(key('first'), 'a');
    await Promise.all([ended('first', 2), ended('third', 2)]);
  },
);

test(
  '[TU2] a prompt whose turn is there, and whose process starts, is the next',
  BOUND,
  async () => {
    const { supervisor, prompt, key, ended } = stageSupervisor({ command: QUICK });
    await prompt('t', 'a', 'hello');
    const [item] = supervisor.find(key('t'))?.pending ?? [];
    assert.deepEqual([item?.waitsFor, item?.position], ['room', 1]);
    await ended('t');
    assert.deepEqual(supervisor.find(key('t'))?.pending, []);
  },
);

test('[R30] a conversation whose actor failed gives its turn back', BOUND, async () => {
  const interrupt = () => {
    throw new Error('a bug');
  };
  const machine = conversationMachine.provide({ actions: { interrupt } });
  const { supervisor, prompt, reaches, key, ended } = stageSupervisor({ maxRuns: 1, machine });
  await prompt('bad', 'a', 'slow');
  await reaches('bad', RUNNING);
  supervisor.abort(key('bad'), 'a');
  await prompt('good', 'b', 'error');
  await ended('good');
  await settled();
  assert.equal(supervisor.state.running, 0);
});

test(
  '[R30] [AP7] the oldest approval of one who has too many makes room, and is given up',
  BOUND,
  async () => {
    const staged = stageSupervisor({ maxProcesses: 2, maxPendingApprovalsPerUser: 1 });
    const { prompt, ended, reaches, supervisor, actor } = staged;
    for (const thread of ['old', 'young']) {
      await prompt(thread, `${thread} a`, 'tool');
      await ended(thread);
      await reaches(thread, ASKING);
    }
    assert.equal(supervisor.state.running, 0);
    await prompt('new', 'b', 'error');
    await ended('new');
    const lost = await ended('old', 2);
    assert.ok(lost.type === 'RUN_ERROR' && lost.code === 'approval.tooMany');
    assert.deepEqual(actor('young').getSnapshot().value, ASKING);
    await prompt('old', 'c', 'error');
    const next = await ended('old', 3);
    assert.ok(next.type === 'RUN_ERROR' && next.code === 'claude.api');
  },
);

test('[TU4] while memory is tight an idle process ends for one that is wanted', BOUND, async () => {
  const memory = { used: 0 };
  const { prompt, ended, reaches, supervisor, actor, key } = stageSupervisor({
    command: QUICK,
    memoryUsed: () => memory.used,
  });
  await prompt('x', 'a', 'hello');
  await ended('x');
  await reaches('x', READY);
  memory.used = 0.91;
  await supervisor.warm(key('z'));
  assert.equal(supervisor.find(key('z')), undefined, 'nothing is warmed');
  await prompt('y', 'b', 'hello');
  assert.equal(supervisor.state.waiting, 1);
  assert.equal((await ended('y')).type, 'RUN_FINISHED');
  assert.equal(actor('x').getSnapshot().value, 'dormant');
});

test('where the share is 100 memory is not looked at', BOUND, async () => {
  const { prompt, ended, supervisor } = stageSupervisor({
    command: QUICK,
    maxMemoryShare: 100,
    memoryUsed: () => assert.fail('it is looked at'),
  });
  await prompt('x', 'a', 'hello');
  await prompt('y', 'b', 'hello');
  await Promise.all([ended('x'), ended('y')]);
  assert.equal(supervisor.state.waiting, 0);
});
