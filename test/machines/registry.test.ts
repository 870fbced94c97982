import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createActor, fromCallback, setup } from 'xstate';
import { ActorRegistry } from '../../src/machines/registry.ts';

const run = promisify(execFile);

type Events = { type: 'break' } | { type: 'finish' } | { type: 'ping' };

/** An actor that owns a child and breaks on command, in an action or in a guard. */
function actorWithChild(cleanups: string[], name: string, where: 'action' | 'guard' = 'action') {
  const boom = (): boolean => {
    throw new Error(`${name} broke`);
  };
  const machine = setup({
    types: {} as { events: Events },
    actors: { child: fromCallback(() => () => cleanups.push(name)) },
  }).createMachine({
    initial: 'on',
    states: {
      on: {
        invoke: { src: 'child' },
        on: {
          break: where === 'action' ? { actions: boom } : { guard: boom, target: 'off' },
          finish: 'off',
          ping: {},
        },
      },
      off: { type: 'final' },
    },
  });
  return { actor: createActor(machine) };
}

/** Fails the test that runs while something reaches the process's last resort. */
function noneUncaught(): { check(): Promise<void> } {
  const caught: unknown[] = [];
  const note = (error: unknown) => caught.push(error);
  process.prependListener('uncaughtException', note);
  return {
    async check() {
      await new Promise((resolve) => setTimeout(resolve, 0)); // XState rethrows in a timer
      process.off('uncaughtException', note);
      assert.deepEqual(caught, []);
    },
  };
}

for (const where of ['action', 'guard'] as const) {
  test(`an actor whose ${where} throws leaves, its child is stopped, and the others live`, async () => {
    const uncaught = noneUncaught();
    const registry = new ActorRegistry<ReturnType<typeof actorWithChild>>();
    const cleanups: string[] = [];
    const gone: unknown[] = [];
    const broken = actorWithChild(cleanups, 'broken', where);
    const other = actorWithChild(cleanups, 'other');
    registry.start('a', broken, (error) => gone.push(error));
    registry.start('b', other, (error) => gone.push(error));
    assert.equal(registry.size, 2);

    broken.actor.send({ type: 'break' });
    assert.equal(registry.get('a'), undefined);
    assert.equal(registry.get('b'), other);
    assert.deepEqual(cleanups, ['broken']);
    assert.equal(gone.length, 1);
    assert.match(String(gone[0]), /broken broke/);
    assert.equal(other.actor.getSnapshot().status, 'active');
    other.actor.stop();
    await uncaught.check();
  });
}

test('an actor that finishes leaves, and whoever registered it hears of it once, without an error', () => {
  const registry = new ActorRegistry<ReturnType<typeof actorWithChild>>();
  const cleanups: string[] = [];
  const gone: unknown[] = [];
  const entry = actorWithChild(cleanups, 'a');
  registry.start('a', entry, (error) => gone.push(error));
  entry.actor.send({ type: 'finish' });
  assert.equal(registry.size, 0);
  assert.deepEqual(gone, [null]);
  assert.deepEqual(cleanups, ['a']);
});

test('an actor that is stopped from outside leaves as one that finished', () => {
  const registry = new ActorRegistry<ReturnType<typeof actorWithChild>>();
  const gone: unknown[] = [];
  const entry = actorWithChild([], 'a');
  registry.start('a', entry, (error) => gone.push(error));
  entry.actor.stop();
  assert.equal(registry.size, 0);
  assert.deepEqual(gone, [null]);
});

test('the end of an actor does not take its successor out', () => {
  const registry = new ActorRegistry<ReturnType<typeof actorWithChild>>();
  const [first, second] = [actorWithChild([], '1'), actorWithChild([], '2')];
  registry.start('a', first, () => {});
  registry.start('a', second, () => {});
  first.actor.send({ type: 'finish' });
  assert.equal(registry.get('a'), second);
});

test('the least recently used comes first', () => {
  const registry = new ActorRegistry<ReturnType<typeof actorWithChild>>();
  const entries = ['a', 'b', 'c'].map((name) => actorWithChild([], name));
  for (const [i, entry] of entries.entries()) registry.start('abc'.charAt(i), entry, () => {});
  registry.touch('a');
  registry.touch('unknown');
  assert.deepEqual([...registry.values()], [entries[1], entries[2], entries[0]]);
});

test('10,000 actors started and stopped again and again leave nothing behind', async () => {
  const source = `
    import { createActor } from 'xstate';
    import { ActorRegistry } from './src/machines/registry.ts';
    import { sessionMachine } from './src/machines/session.machine.ts';
    const ignore = () => {};
    const ports = { askLimits: ignore, submit: ignore, tellThrottled: ignore, forget: ignore };
    const input = { ports, now: () => 0 };
    function cycle(n) {
      const registry = new ActorRegistry();
      for (let i = 0; i < n; i++)
        registry.start(String(i), { actor: createActor(sessionMachine, { input }) }, ignore);
      for (const { actor } of [...registry.values()]) actor.send({ type: 'socket.closed' });
      if (registry.size > 0) throw new Error(registry.size + ' are left');
    }
    async function heap() {
      for (let i = 0; i < 3; i++) { await new Promise(setImmediate); gc(); }
      return process.memoryUsage().heapUsed;
    }
    cycle(10000);
    const before = await heap();
    for (let i = 0; i < 3; i++) cycle(10000);
    console.log(((await heap()) - before) / 30000);`;
  const { stdout } = await run(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', source],
    { cwd: new URL('../../', import.meta.url) },
  );
  const bytesPerActor = Number(stdout);
  assert.ok(bytesPerActor < 40, `${bytesPerActor} bytes are left of each actor`);
});
