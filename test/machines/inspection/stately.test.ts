import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import fc from 'fast-check';
import { assign, createActor, createMachine, fromCallback, sendTo, setup } from 'xstate';
import { definitionOf, MACHINES, namesOf } from '../../../src/machines/inspection/definition.ts';
import { InspectorHub, type Living } from '../../../src/machines/inspection/hub.ts';
import { STATELY_VERSION } from '../../../src/machines/inspection/stately.ts';
import { ActorRegistry } from '../../../src/machines/registry.ts';
import type { Sighting } from '../../../src/transport/ops/following.ts';
import type { StatelyMessage } from '../../../src/transport/ops/protocol.ts';
import { StatelyTelling } from '../../../src/transport/ops/stately-telling.ts';

const CANARY = 'CANARY words that nobody may see';

type Took = { type: string } & Record<string, unknown>;

/** Keeps what it is sent, and has a child that is called as a process is, while it is `on`. */
const machine = setup({
  types: {} as { context: Record<string, unknown>; events: Took; input: object; output: unknown },
  actors: {
    claude: fromCallback<Took, unknown>(() => {
      // it listens
    }),
  },
}).createMachine({
  id: 'conversation',
  initial: 'off',
  context: ({ input }) => ({ ...input, secret: CANARY }),
  output: { canary: CANARY },
  on: { '*': { actions: assign(({ event: { type: _, ...fields } }) => fields) } },
  states: {
    off: { on: { 'user.on': 'on', 'user.end': 'ended', 'user.fail': { actions: fail } } },
    on: {
      invoke: { id: 'claude', src: 'claude', input: { canary: CANARY } },
      entry: sendTo('claude', { type: 'claude.prompt' }),
      initial: 'idle',
      states: { idle: {} },
      on: { 'user.off': 'off' },
    },
    ended: { type: 'final' },
  },
});

function fail(): never {
  throw new Error(CANARY);
}

/** Actors, and what a page would be told of them. */
function stage() {
  const registry = new ActorRegistry<Living>();
  const hub = new InspectorHub({ conversation: registry }, () => 1_700_000_000_000);
  const telling = new StatelyTelling(hub);
  let sightings: Sighting[] = [];
  const start = (id: string, input: object = {}) => {
    const actor = createActor(machine, { input });
    registry.start(id, { id, actor }, () => {});
    return actor;
  };
  return {
    hub,
    start,
    begin: () => {
      hub.watch(
        () => true,
        (seen, stood) => sightings.push({ seen, stood }),
      );
      telling.grouped(() => true);
    },
    told: (lost: string | null = null) => {
      const messages = telling
        .told(sightings, 0, lost)
        .flatMap((frame) => (frame.type === 'stately' ? frame.messages : []));
      sightings = [];
      return messages;
    },
  };
}

const brief = (messages: readonly StatelyMessage[]) =>
  messages.map((message) => {
    const what = message.type === '@xstate.actor' ? message.name : message.event.type;
    const how =
      message.type === '@xstate.event' ? '' : ` ${JSON.stringify(message.snapshot.value)}`;
    const status = message.type === '@xstate.snapshot' ? ` ${message.snapshot.status}` : '';
    return `${message.type.slice(8)} ${message.sessionId} ${what}${how}${status}`;
  });

test('[OP7] who comes late is first told of those that live, then of what happens', () => {
  const { start, begin, told } = stage();
  const first = start('a');
  first.send({ type: 'user.on' });
  begin();
  first.send({ type: 'user.nudge' });
  start('b');
  assert.deepEqual(brief(told()), [
    'actor a conversation {"on":"idle"}',
    'actor claude:a claude undefined',
    'event a user.nudge',
    'snapshot a user.nudge {"on":"idle"} active',
    'actor b conversation "off"',
    'event b xstate.init',
    'snapshot b xstate.init "off" active',
  ]);
  first.send({ type: 'user.off' });
  first.send({ type: 'user.end' });
  assert.deepEqual(brief(told()), [
    'event a user.off',
    'snapshot claude:a xstate.stop undefined stopped',
    'snapshot a user.off "off" active',
    'event a user.end',
    'snapshot a user.end "ended" done',
  ]);
  assert.deepEqual(brief(told('b')), ['snapshot b greenroom.leftOut "off" active']);
});

test('[OP7] of many that live, the 200 newest are told of, a few at a time', () => {
  const { start, begin, told } = stage();
  for (let i = 0; i < 250; i += 1) start(`a-${i}`);
  begin();
  const frames = Array.from({ length: 12 }, () => told());
  assert.ok(frames.every((messages) => messages.length <= 20));
  const ids = frames.flat().map(({ sessionId }) => sessionId);
  assert.deepEqual(
    [ids.length, new Set(ids).size, ids[0], ids.at(-1)],
    [200, 200, 'a-249', 'a-50'],
  );
});

test('[OP7] each kind that lives has a share among those that are told of', () => {
  const [sessions, conversations] = [new ActorRegistry<Living>(), new ActorRegistry<Living>()];
  const hub = new InspectorHub({ session: sessions, conversation: conversations });
  for (let i = 0; i < 9; i += 1) {
    const [registry, id] = [i < 7 ? sessions : conversations, `a-${i}`];
    registry.start(id, { id, actor: createActor(machine, { input: {} }) }, () => {});
  }
  const newest = hub.newest((id) => id !== 'a-6', 5).map(({ id }) => id);
  assert.deepEqual(newest, ['a-5', 'a-8', 'a-4', 'a-7', 'a-3']);
});

/** By type of message, which fields there are. What is in `event` and `context` is the hub's to say. */
const FIELDS = {
  '@xstate.actor': ['name', 'parentId', 'definition', 'snapshot'],
  '@xstate.event': ['event', 'sourceId'],
  '@xstate.snapshot': ['event', 'snapshot'],
};
const ALWAYS = ['type', 'sessionId', 'rootId', 'createdAt', 'id', '_version'];
const SHOWN = ['type', 'code', 'runId', 'usage', 'tokens', 'error', 'deltas'];

const field = fc.oneof(
  fc.constantFrom(...SHOWN.filter((name) => name !== 'type'), 'text', 'input', 'output', 'user'),
  fc.string(),
);
const value = fc.oneof(
  fc.constantFrom(CANARY, true, null, 7, 'run-1'),
  fc.dictionary(field, fc.constantFrom(CANARY, 3, 'a.b', [CANARY, 'x'])),
);
const took = fc.record({
  type: fc.constantFrom('user.on', 'user.off', 'user.nudge', 'user.end', 'user.fail'),
  fields: fc.dictionary(field, value),
});

test('[OP7] no message has a field that is not in the list, and nothing that is kept from view', () => {
  fc.assert(
    fc.property(fc.array(took, { maxLength: 12 }), fc.boolean(), (events, isLate) => {
      const { start, begin, told } = stage();
      if (!isLate) begin();
      const actor = start('a', { text: CANARY, input: CANARY });
      actor.subscribe({ error: () => {} });
      const half = events.length / 2;
      events.forEach(({ type, fields }, i) => {
        if (isLate && i >= half) begin();
        actor.send({ ...fields, type });
        if (i % 3 === 0) check(told());
      });
      check(told('a'));
    }),
  );
});

function check(messages: readonly StatelyMessage[]): void {
  assert.doesNotMatch(JSON.stringify(messages), /CANARY/);
  for (const message of messages) {
    const allowed = [...ALWAYS, ...FIELDS[message.type]];
    for (const name of Object.keys(message)) assert.ok(allowed.includes(name), name);
    assert.match(message.createdAt, /^\d+$/);
    if ('event' in message)
      for (const name of Object.keys(message.event))
        assert.ok([...SHOWN, 'output'].includes(name), `${name} in an event`);
    if (!('snapshot' in message)) continue;
    const { status, value: _, context = {}, ...others } = message.snapshot;
    assert.deepEqual(others, {});
    assert.match(status, /^(?:active|done|error|stopped)$/);
    for (const name of Object.keys(context))
      assert.ok([...SHOWN, 'output'].includes(name), `${name} in a context`);
  }
}

test('[OP7] the messages are those that the published package sends', async () => {
  const published: StatelyInspectionEvent[] = [];
  const inspector = createInspector({ send: (event) => published.push(event) });
  const root = createActor(machine, { input: {}, inspect: inspector.inspect }).start();
  root.send({ type: 'user.on' });
  await setTimeout(20);

  const { start, begin, told } = stage();
  begin();
  const own = start('a');
  own.send({ type: 'user.on' });
  const ours = told();

  // As they are once they have gone through JSON, which leaves out what is undefined.
  const kindsOf = (messages: readonly object[]) =>
    Object.fromEntries(
      messages.map((message) => {
        const plain: Record<string, unknown> = JSON.parse(JSON.stringify(message));
        const isChild = plain.parentId !== undefined || plain.sessionId !== plain.rootId;
        const fields = Object.entries(plain).map(([name, of]) => `${name}: ${typeof of}`);
        return [`${plain.type} ${isChild}`, fields.sort()];
      }),
    );
  const [theirs, mine] = [kindsOf(published), kindsOf(ours)];
  for (const kind of Object.keys(mine)) assert.deepEqual(mine[kind], theirs[kind], kind);
  assert.ok(Object.keys(mine).length >= 5);
  assert.equal(published[0]?._version, STATELY_VERSION);
});

test('[OP7] a definition is the names in a machine, from which it can be built again', () => {
  for (const [kind, given] of Object.entries(MACHINES)) {
    const text = definitionOf(kind as keyof typeof MACHINES);
    const again = createMachine(JSON.parse(text));
    assert.deepEqual([...again.root.ownEvents].sort(), [...given.root.ownEvents].sort());
    assert.deepEqual(statesOf(again.root), statesOf(given.root));
    assert.ok(text.length < 8_192, `${kind} has ${text.length} characters`);
  }
  assert.equal(definitionOf('claude'), '{"id":"claude"}');
  const names = namesOf(machine);
  assert.doesNotMatch(JSON.stringify(names), /CANARY|=>|context|input|output/);
});

function statesOf(node: { states: object; key: string }): object {
  return Object.fromEntries(
    Object.entries(node.states).map(([name, inner]) => [name, statesOf(inner)]),
  );
}
