import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultError } from '../../src/faults.ts';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import { conversationKey } from '../../src/store/store.ts';
import { RETRY_MS, TRIES_MAX } from '../../src/store/until-room.ts';
import { scripted } from '../claude/programs.ts';
import { heldStore } from '../support/held-store.ts';
import { children, decide, isRunEnd, QUICK, stageSupervisor } from './staged-supervisor.ts';

/** Reached only when what is awaited does not happen. */
const BOUND = { timeout: 20_000 };
const READY = { alive: 'ready' };
const RUNNING = { alive: 'running' };

test('a prompt starts a conversation, a second one finds it', BOUND, async () => {
  const { supervisor, prompt, ended, key } = stageSupervisor({ command: QUICK });
  assert.equal(supervisor.find(key('t')), undefined);
  assert.equal(await prompt('t', 'a', 'hello'), null);
  const living = supervisor.find(key('t'));
  await ended('t');
  await prompt('t', 'b', 'again');
  assert.equal(supervisor.find(key('t')), living);
  await ended('t', 2);
  assert.equal(supervisor.state.conversations, 1);
});

test('prompts that come at once to a new conversation start one actor', BOUND, async () => {
  const { supervisor, prompt, ended, store, key } = stageSupervisor({ command: QUICK });
  await Promise.all([prompt('t', 'a', 'one'), prompt('t', 'b', 'two'), prompt('t', 'c', 'three')]);
  await ended('t', 3);
  assert.equal(supervisor.state.conversations, 1);
  const { head } = await store.head(key('t'));
  assert.equal(head?.term, 1);
});

test(
  'a conversation that fails is reported, its process is ended, and the next prompt starts anew',
  BOUND,
  async () => {
    let broken = false;
    const machine = conversationMachine.provide({
      actions: {
        countDeltas: () => {
          if (broken) return;
          broken = true;
          throw new Error('a bug');
        },
      },
    });
    const { prompt, ended, supervisor, key } = stageSupervisor({ machine });
    await prompt('t', 'a', 'slow');
    const end = await ended('t');
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'conversation.failed');
    assert.equal(supervisor.find(key('t')), undefined);
    await prompt('t', 'b', 'error');
    const next = await ended('t', 2);
    assert.ok(next.type === 'RUN_ERROR' && next.code === 'claude.api');
    assert.equal((await children()).length, 1);
  },
);

test(
  '[R28] prompts that waited in a conversation that fails end with it, and hold nothing',
  BOUND,
  async () => {
    const machine = conversationMachine.provide({
      actions: {
        interrupt: () => {
          throw new Error('a bug');
        },
      },
    });
    const { prompt, ended, reaches, store, supervisor, key } = stageSupervisor({ machine });
    const allowance = { hour: null, day: null, tokens: null, runs: null };
    for (const runId of ['a', 'b'])
      await store.take({ key: key('t'), runId, allowance, reserve: 0 }, Date.now());
    await prompt('t', 'a', 'slow');
    await reaches('t', RUNNING);
    await prompt('t', 'b', 'and then');
    supervisor.abort(key('t'), 'a');
    const end = await ended('t', 2);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'conversation.failed');
    assert.equal((await store.uses('ada', Date.now())).runs.used, 0);
  },
);

test(
  '[R28] what waits in a conversation that is dismissed is taken back, and not run',
  BOUND,
  async () => {
    const { prompt, reaches, store, supervisor, key } = stageSupervisor();
    await prompt('t', 'a', 'slow');
    await reaches('t', RUNNING);
    await prompt('t', 'b', 'and then');
    const gone = new Promise<void>((resolve) =>
      supervisor.find(key('t'))?.actor.subscribe({ complete: resolve }),
    );
    supervisor.dismiss(key('t'));
    await gone;
    assert.equal(supervisor.find(key('t')), undefined);
    assert.equal(await store.run('ada', 'b'), null);
  },
);

test('a conversation that fails leaves the others running', BOUND, async () => {
  const machine = conversationMachine.provide({
    actions: {
      interrupt: () => {
        throw new Error('a bug');
      },
    },
  });
  const { prompt, ended, reaches, supervisor, key } = stageSupervisor({ machine });
  await Promise.all([prompt('bad', 'a', 'slow'), prompt('good', 'b', 'error')]);
  await reaches('bad', RUNNING);
  supervisor.abort(key('bad'), 'a');
  const end = await ended('bad');
  assert.ok(end.type === 'RUN_ERROR' && end.code === 'conversation.failed');
  const other = await ended('good');
  assert.ok(other.type === 'RUN_ERROR' && other.code === 'claude.api');
});

test(
  'when the cap is reached, the idle process that was not used for the longest time makes room',
  BOUND,
  async () => {
    const { prompt, ended, reaches, actor } = stageSupervisor({ maxProcesses: 2, command: QUICK });
    await prompt('old', 'a', 'hello');
    await prompt('used', 'b', 'hello');
    await Promise.all([ended('old'), ended('used')]);
    await prompt('old', 'c', 'hello');
    await ended('old', 2);
    await reaches('old', READY);
    await prompt('new', 'd', 'hello');
    assert.equal((await ended('new')).type, 'RUN_FINISHED');
    assert.equal(actor('used').getSnapshot().value, 'dormant');
    assert.deepEqual(actor('old').getSnapshot().value, READY);
  },
);

test(
  'an answer to an approval is use: its process is not the one that makes room',
  BOUND,
  async () => {
    const staged = stageSupervisor({ maxProcesses: 2 });
    const { prompt, ended, reaches, actor, supervisor, key } = staged;
    await prompt('asked', 'a', 'tool');
    const asks = await ended('asked');
    assert.ok(asks.type === 'RUN_FINISHED' && asks.outcome?.type === 'interrupt');
    await prompt('used', 'b', 'error');
    await ended('used');
    const decisions = asks.outcome.interrupts.map(({ id }) => decide(id));
    assert.equal(await supervisor.answer(key('asked'), 'answered', decisions), null);
    await ended('asked', 2);
    await Promise.all([reaches('asked', READY), reaches('used', READY)]);
    await prompt('new', 'c', 'error');
    await ended('new');
    assert.equal(actor('used').getSnapshot().value, 'dormant');
    assert.deepEqual(actor('asked').getSnapshot().value, READY);
  },
);

test(
  'when the cap is reached and all work, the next waits for the end of a turn and then runs',
  BOUND,
  async () => {
    const { prompt, ended, reaches, supervisor, actor, key } = stageSupervisor({ maxProcesses: 1 });
    await prompt('first', 'a', 'slow');
    await reaches('first', RUNNING);
    await prompt('second', 'b', 'error');
    assert.equal(supervisor.state.queued, 1);
    assert.deepEqual(actor('first').getSnapshot().value, RUNNING);
    supervisor.abort(key('first'), 'a');
    await ended('first');
    const second = await ended('second');
    assert.ok(second.type === 'RUN_ERROR' && second.code === 'claude.api');
  },
);

test(
  'a conversation whose process made room starts one again for its next prompt',
  BOUND,
  async () => {
    const { prompt, ended } = stageSupervisor({ maxProcesses: 1, command: QUICK });
    await prompt('x', 'a', 'hello');
    await ended('x');
    await prompt('y', 'b', 'hello');
    await ended('y');
    await prompt('x', 'c', 'hello');
    const end = await ended('x', 2);
    assert.ok(end.type === 'RUN_FINISHED' && end.runId === 'c');
  },
);

test('a process is warmed ahead of need, but never at the cost of another', BOUND, async () => {
  const { supervisor, prompt, ended, reaches, key } = stageSupervisor({
    maxProcesses: 1,
    command: QUICK,
  });
  await supervisor.warm(key('x'));
  await reaches('x', READY);
  await supervisor.warm(key('y'));
  assert.equal(supervisor.find(key('y')), undefined);
  await prompt('x', 'a', 'hello');
  assert.equal((await ended('x')).type, 'RUN_FINISHED');
});

test('many tabs that come back at once warm one process between them', BOUND, async () => {
  const { supervisor, reaches, key } = stageSupervisor({ maxProcesses: 8, command: QUICK });
  const threads = Array.from({ length: 20 }, (_, i) => `t${i}`);
  await Promise.all(threads.map((thread) => supervisor.warm(key(thread))));
  assert.equal(supervisor.state.alive, 1);
  const alive = threads.filter((thread) =>
    supervisor.find(key(thread))?.actor.getSnapshot().matches('alive'),
  );
  assert.equal(alive.length, 1);
  await reaches(alive[0] ?? '', READY);
});

test('[R61] a stop leaves no process, whatever the conversations do', BOUND, async () => {
  const { supervisor, prompt, reaches, key } = stageSupervisor();
  await prompt('works', 'a', 'slow');
  await prompt('asks', 'b', 'tool');
  await supervisor.warm(key('idle'));
  await reaches('works', RUNNING);
  await reaches('asks', { alive: 'awaitingApproval' });
  assert.ok((await children()).length >= 2);
  assert.equal(await supervisor.stop(10_000), 0);
  assert.deepEqual(await children(), []);
  assert.deepEqual(supervisor.state, {
    conversations: 0,
    alive: 0,
    waiting: 0,
    starting: 0,
    running: 0,
    queued: 0,
    unknownLines: {},
  });
});

test('[R61] a stop that may not wait cuts off what is left', BOUND, async () => {
  const stubborn = scripted({
    initialize: ['ready'],
    eof: [{ raw: '\n' }],
    SIGTERM: [{ raw: '\n' }],
  });
  const { supervisor, prompt, reaches } = stageSupervisor({ command: stubborn });
  await prompt('t', 'a', 'hello');
  await reaches('t', RUNNING);
  assert.equal(await supervisor.stop(50), 1);
  assert.deepEqual(await children(), []);
});

test(
  '[R23] a run that a stop ends is told as interrupted, before the stop is over',
  BOUND,
  async () => {
    const { supervisor, prompt, until, events } = stageSupervisor();
    await prompt('t', 'a', 'slow');
    await until('t', ({ type }) => type === 'TEXT_MESSAGE_CONTENT');
    await supervisor.stop(10_000);
    const end = (await events('t')).at(-1);
    assert.ok(end?.type === 'RUN_ERROR' && end.code === 'interrupted');
  },
);

test('[R11] a prompt that waits when the server stops is kept as waiting', BOUND, async () => {
  const { supervisor, prompt, reaches, store } = stageSupervisor();
  await prompt('t', 'a', 'slow');
  await prompt('t', 'b', 'hello');
  await reaches('t', RUNNING);
  await supervisor.stop(10_000);
  const waiting = await store.run('ada', 'b');
  assert.equal(waiting?.started, false);
});

test(
  '[R23] a drain waits for the turn at work, not for an approval, and starts nothing that waits',
  BOUND,
  async () => {
    const { supervisor, prompt, until, reaches, store, events } = stageSupervisor();
    await prompt('asks', 'a', 'a tool');
    await until('asks', ({ type }) => type === 'RUN_FINISHED');
    await prompt('works', 'b', 'markdown');
    await until('works', ({ type }) => type === 'TEXT_MESSAGE_CONTENT');
    await prompt('works', 'c', 'hello');
    const drained = supervisor.drain();
    assert.equal(await prompt('works', 'd', 'hello'), 'server.restarting');
    assert.equal(await prompt('new', 'e', 'hello'), 'server.restarting');
    await drained;
    await reaches('asks', { alive: 'awaitingApproval' });
    assert.equal(await supervisor.stop(10_000), 0);
    const ends = (await events('works')).filter(isRunEnd);
    assert.deepEqual(
      ends.map((end) => end.type),
      ['RUN_FINISHED'],
    );
    assert.equal((await store.run('ada', 'c'))?.started, false);
    const asked = (await events('asks')).at(-1);
    assert.ok(asked?.type === 'RUN_ERROR' && asked.code === 'interrupted');
  },
);

test('a drain with nothing at work is over at once', BOUND, async () => {
  const { supervisor, prompt, reaches } = stageSupervisor({ command: QUICK });
  await supervisor.warm(conversationKey('ada', 't'));
  await reaches('t', READY);
  await supervisor.drain();
  assert.equal(await prompt('t', 'a', 'hello'), 'server.restarting');
});

test('after a stop nothing is started any more', BOUND, async () => {
  const { supervisor, prompt, key } = stageSupervisor();
  await supervisor.stop(1_000);
  assert.equal(await prompt('t', 'a', 'hello'), 'server.restarting');
  await supervisor.warm(key('t'));
  assert.equal(supervisor.state.conversations, 0);
});

test('an abort or an answer for a conversation that does not live changes nothing', async () => {
  const { supervisor, key } = stageSupervisor();
  supervisor.abort(key('t'), 'a');
  assert.equal(await supervisor.answer(key('t'), 'b', []), 'approval.answered');
});

/** Time goes on for all but the tries of a journal, which are the test's to make. */
function heldRetries() {
  const tries: (() => void)[] = [];
  let tell: () => void = () => {};
  const clock = {
    now: () => performance.now(),
    setTimeout(fn: () => void, ms: number): unknown {
      if (ms !== RETRY_MS) return setTimeout(fn, ms);
      tries.push(fn);
      tell();
      return null;
    },
    clearTimeout: (id: unknown) => clearTimeout(id as NodeJS.Timeout),
  };
  return {
    clock,
    /** Lets the journal try once more, when it waits to. */
    async tryAgain() {
      if (tries.length === 0) await new Promise<void>((resolve) => (tell = resolve));
      tries.shift()?.();
    },
  };
}

test('[R15] [FU2] a run goes on where it was when the disk has room again', BOUND, async () => {
  const held = heldStore();
  const { clock, tryAgain } = heldRetries();
  const staged = stageSupervisor({ clock, store: held.store });
  await staged.prompt('t', 'a', 'markdown');
  await staged.until('t', ({ type }) => type === 'TEXT_MESSAGE_CONTENT');
  held.fail('append', 3, new FaultError('store.full'));
  for (let i = 0; i < 3; i++) await tryAgain();
  assert.equal((await staged.ended('t')).type, 'RUN_FINISHED');
  const text = (await staged.events('t')).map((e) =>
    e.type === 'TEXT_MESSAGE_CONTENT' ? e.delta : '',
  );
  assert.ok(text.join('').endsWith('That is all of it.\n'));
  assert.deepEqual(
    staged.facts.filter(({ type }) => type === 'journalFailed'),
    [],
  );
});

test(
  '[R15] [FU3] [FU4] a run that finds no room for long is given up, and prompts that waited come after its end',
  BOUND,
  async () => {
    const held = heldStore();
    const { clock, tryAgain } = heldRetries();
    const staged = stageSupervisor({ clock, store: held.store });
    await staged.prompt('t', 'a', 'slow');
    await staged.until('t', ({ type }) => type === 'TEXT_MESSAGE_START');
    await staged.prompt('t', 'b', 'error');
    held.fail('append', TRIES_MAX, new FaultError('store.full'));
    for (let i = 1; i < TRIES_MAX; i++) await tryAgain();
    const ends = [await staged.ended('t', 1), await staged.ended('t', 2)];
    assert.deepEqual(
      ends.map((end) => end.type === 'RUN_ERROR' && end.code),
      ['interrupted', 'claude.api'],
    );
    assert.equal(staged.facts.filter(({ type }) => type === 'journalFailed').length, 1);
  },
);
