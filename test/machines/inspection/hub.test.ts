import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assign, createActor, fromCallback, fromPromise, setup } from 'xstate';
import { InspectorHub } from '../../../src/machines/inspection/hub.ts';
import { shownEvent, shownSnapshot } from '../../../src/machines/inspection/shown.ts';
import { ActorRegistry } from '../../../src/machines/registry.ts';
import type { ActorEvent } from '../../../src/transport/ops/protocol.ts';

const CANARY = 'CANARY words of a person';

const machine = setup({
  types: {} as {
    context: { secret: string; run: string | null; queue: string[] };
    events:
      | { type: 'user.prompt'; runId: string; text: string }
      | { type: 'run.ended' }
      | { type: 'breaks' }
      | { type: 'stop' };
  },
  actors: {
    claude: fromCallback(() => {}),
    verify: fromPromise(async () => ({ user: CANARY, operator: true })),
  },
}).createMachine({
  id: 'toy',
  initial: 'idle',
  context: { secret: CANARY, run: null, queue: [] },
  invoke: [
    { id: 'claude', src: 'claude' },
    { id: 'verify', src: 'verify' },
  ],
  on: {
    stop: '.done',
    breaks: {
      actions: () => {
        throw new Error(CANARY);
      },
    },
  },
  states: {
    idle: {
      on: {
        'user.prompt': {
          target: 'busy',
          actions: assign({ run: ({ event }) => event.runId }),
        },
      },
    },
    busy: { on: { 'run.ended': { target: 'idle', actions: assign({ run: null }) } } },
    done: { type: 'final' },
  },
});

function setUp() {
  const registry = new ActorRegistry<ReturnType<typeof newActor>>();
  const newActor = (id: string) => ({ id, actor: createActor(machine) });
  const begin = (id: string) => {
    const one = newActor(id);
    registry.start(id, one, () => {});
    return one.actor;
  };
  let now = 0;
  const hub = new InspectorHub({ session: registry }, () => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { hub, begin, pass };
}

/** How many look into an actor, as XState itself counts. */
function lookers(actor: { system: object }): number {
  let asked = 0;
  const event = { type: '@xstate.event' };
  // The one way to see it from outside: nothing is made of an event that nobody wants.
  const trap = new Proxy(event, {
    ownKeys: (target) => {
      asked += 1;
      return Reflect.ownKeys(target);
    },
  });
  (actor.system as { _sendInspectionEvent(event: object): void })._sendInspectionEvent(trap);
  return asked;
}

test('[OP8] an actor that nobody wants to see is not looked into, before or after', () => {
  const { hub, begin } = setUp();
  const [a, b] = [begin('a'), begin('b')];
  assert.equal(lookers(a), 0);
  const watch = hub.watch(
    (id) => id === 'a',
    () => {},
  );
  assert.deepEqual([lookers(a), lookers(b)], [1, 0]);
  watch.close();
  assert.equal(lookers(a), 0);
  assert.equal(watch.looks, 0);
});

test('[OP3] what lives, and what starts later, is seen with the state after each event', () => {
  const { hub, begin } = setUp();
  const a = begin('a');
  const seen: ActorEvent[] = [];
  const watch = hub.watch(
    () => true,
    (event) => seen.push(event),
  );
  const b = begin('b');
  a.send({ type: 'user.prompt', runId: 'r1', text: CANARY });
  b.send({ type: 'stop' });
  assert.deepEqual(
    seen.map(({ n, actor, event, state, moved }) => ({ n, actor, type: event.type, state, moved })),
    [
      { n: 1, actor: 'claude:b', type: 'xstate.init', state: '', moved: false },
      { n: 2, actor: 'b', type: 'xstate.init', state: 'idle', moved: false },
      { n: 3, actor: 'a', type: 'user.prompt', state: 'busy', moved: true },
      { n: 4, actor: 'b', type: 'stop', state: 'done', moved: true },
    ],
  );
  assert.deepEqual(seen.find(({ actor }) => actor === 'a')?.context, { run: 'r1', queue: [] });
  assert.doesNotMatch(JSON.stringify(seen), /CANARY/);
  watch.close();
});

test('[OP3] over the budget events are dropped and counted, and later ones are seen again', () => {
  const { hub, begin, pass } = setUp();
  const a = begin('a');
  const seen: ActorEvent[] = [];
  const rule = { perSecond: 10, burst: 5 };
  const watch = hub.watch(
    () => true,
    (event) => seen.push(event),
    rule,
  );
  for (let i = 0; i < 20; i += 1) a.send({ type: 'run.ended' });
  assert.deepEqual([seen.length, watch.dropped], [5, 15]);
  pass(300);
  for (let i = 0; i < 20; i += 1) a.send({ type: 'run.ended' });
  assert.deepEqual([seen.length, watch.dropped], [8, 32]);
  assert.deepEqual(
    seen.map(({ n }) => n),
    [1, 2, 3, 4, 5, 21, 22, 23],
  );
});

test('[OP8] a watcher that throws harms neither the actor nor another watcher', () => {
  const { hub, begin } = setUp();
  const a = begin('a');
  const seen: ActorEvent[] = [];
  hub.watch(
    () => true,
    () => {
      throw new Error('a bug');
    },
  );
  hub.watch(
    () => true,
    (event) => seen.push(event),
  );
  a.send({ type: 'user.prompt', runId: 'r', text: '' });
  assert.equal(a.getSnapshot().value, 'busy');
  assert.equal(seen.length, 1);
});

test('[OP8] 1,000 actors come and go under a watcher, and nothing of them stays with it', () => {
  const { hub, begin } = setUp();
  const watch = hub.watch(
    () => true,
    () => {},
  );
  const before = watch.looks;
  for (let i = 0; i < 1_000; i += 1) {
    const actor = begin(`a${i}`);
    if (i % 2 === 0) actor.send({ type: 'stop' });
    else actor.send({ type: 'breaks' });
  }
  assert.equal(watch.looks, before);
});

test('[R59] whatever is in an event or a context, only ids, counts and codes of the list are shown', () => {
  const words = fc.string({ minLength: 1 }).map((text) => `CANARY ${text}`);
  const anything = fc.object({ values: [words, fc.nat(), fc.boolean(), fc.constant(null)] });
  const names = fc.constantFrom(
    'runId',
    'usage',
    'identity',
    'queue',
    'text',
    'refusal',
    'error',
    'fault',
  );
  fc.assert(
    fc.property(fc.dictionary(names, fc.oneof(words, anything, fc.array(words))), (fields) => {
      const event = shownEvent({ ...fields, type: 'user.prompt' });
      const snapshot = shownSnapshot({
        status: 'active',
        value: 'x',
        context: fields,
        children: {},
      });
      assert.doesNotMatch(JSON.stringify([event, snapshot]), /CANARY/);
    }),
  );
  const error = new Error(CANARY, { cause: CANARY });
  assert.doesNotMatch(
    JSON.stringify(shownEvent({ type: 'xstate.error.actor.x', error })),
    /CANARY/,
  );
});
