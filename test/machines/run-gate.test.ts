/** Turns for runs, between users: never more than the bound, none lost, in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RoundRobinQueue } from '../../src/machines/round-robin-queue.ts';
import { RunGate } from '../../src/machines/run-gate.ts';

fc.configureGlobal({ seed: 30_303, numRuns: 300 });

/** What is freed is granted in the same tick, and places are told at the end of it. */
async function settled(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

/** Slots that note what they are granted, and where they stand. */
function stageGate(runsMax: number) {
  const gate = new RunGate(runsMax);
  const granted: string[] = [];
  const moves: string[] = [];
  return {
    gate,
    granted,
    moves,
    slot(user: string, name = user) {
      const slot = gate.slot({
        user,
        onGranted: () => granted.push(name),
        onMoved: () => moves.push(`${name} ${slot.place}`),
      });
      return slot;
    },
  };
}

test('an idle slot is granted before the call returns', () => {
  const { slot, granted } = stageGate(2);
  slot('ada').want();
  slot('bob').want();
  slot('eve').want();
  assert.deepEqual(granted, ['ada', 'bob']);
});

test('[R30] [TU1] a user with fifty that wait delays another’s first by one run at most', async () => {
  const { slot, granted } = stageGate(1);
  const many = Array.from({ length: 50 }, (_, i) => slot('ada', `ada ${i}`));
  for (const one of many) one.want();
  const bob = slot('bob');
  bob.want();
  assert.equal(bob.place, 1);
  many[0]?.release();
  await settled();
  assert.deepEqual(granted, ['ada 0', 'bob']);
});

test('[R30] whoever asks again at once lets others go first', async () => {
  const { slot, granted } = stageGate(1);
  const [ada, bob] = [slot('ada'), slot('bob')];
  ada.want();
  bob.want();
  ada.release();
  ada.want();
  await settled();
  bob.release();
  bob.want();
  await settled();
  assert.deepEqual(granted, ['ada', 'bob', 'ada']);
});

test('[TU2] places are told at the end of the tick, once, to those whose own has changed', async () => {
  const { slot, moves } = stageGate(1);
  const running = slot('ada');
  running.want();
  const [a1, a2, b] = [slot('ada', 'a1'), slot('ada', 'a2'), slot('bob', 'b')];
  a1.want();
  a2.want();
  assert.deepEqual([a1.place, a2.place], [1, 2], 'one’s own is known at once');
  b.want();
  assert.deepEqual(moves, []);
  await settled();
  assert.deepEqual(moves.splice(0), ['a1 2', 'a2 3']);
  a1.release();
  a1.want();
  await settled();
  assert.equal(a1.place, 3);
  assert.deepEqual(moves.splice(0), ['a2 2']);
  running.release();
  await settled();
  assert.deepEqual(moves, ['a2 1', 'a1 2']);
  assert.equal(b.isHeld, true);
  assert.equal(b.place, 1);
});

test('[TU3] an answer takes a slot at once, and what comes after waits for one more end', async () => {
  const { gate, slot, granted } = stageGate(1);
  const [ada, bob, eve] = [slot('ada'), slot('bob'), slot('eve')];
  ada.want();
  eve.want();
  bob.take();
  assert.equal(bob.isHeld, true);
  assert.deepEqual(gate.state, { running: 2, queued: 1 });
  ada.release();
  await settled();
  assert.deepEqual(granted, ['ada']);
  assert.deepEqual(gate.state, { running: 1, queued: 1 });
  bob.release();
  await settled();
  assert.deepEqual(granted, ['ada', 'eve']);
});

test('an answer that is over before a slot was free leaves no trace', async () => {
  const { gate, slot } = stageGate(1);
  const [ada, bob] = [slot('ada'), slot('bob')];
  ada.want();
  bob.take();
  bob.release();
  assert.deepEqual(gate.state, { running: 1, queued: 0 });
  ada.release();
  await settled();
  assert.deepEqual(gate.state, { running: 0, queued: 0 });
});

test('one that waits and takes does not wait any more', async () => {
  const { gate, slot, granted } = stageGate(1);
  const [ada, bob] = [slot('ada'), slot('bob')];
  ada.want();
  bob.want();
  bob.take();
  assert.deepEqual(gate.state, { running: 2, queued: 0 });
  ada.release();
  bob.release();
  await settled();
  assert.deepEqual(granted, ['ada']);
  assert.deepEqual(gate.state, { running: 0, queued: 0 });
});

test('users are remembered for their last turn, a thousand of them', () => {
  const queue = new RoundRobinQueue();
  const run = async () => {};
  for (let i = 0; i < 1_500; i++) {
    queue.enqueue(run, { user: `u${i}` });
    queue.dequeue();
  }
  const order: string[] = [];
  for (const user of ['u1499', 'u1000', 'u0', 'new'])
    queue.enqueue(async () => void order.push(user), { user });
  while (queue.size > 0) void queue.dequeue()?.();
  assert.deepEqual(order, ['u0', 'new', 'u1000', 'u1499']);
});

type Step = { do: 'want' | 'release' | 'take'; who: number } | { do: 'tick' };

/** Of what is right, in plain words: who waits, who has how often been served, and when last. */
class Model {
  readonly held = new Set<number>();
  waiting: number[] = [];
  /** Above the bound until slots are free for them. */
  ahead: number[] = [];
  readonly #served = new Map<string, number>();
  #serves = 0;
  readonly #max: number;
  readonly #userOf: (who: number) => string;

  constructor(max: number, userOf: (who: number) => string) {
    this.#max = max;
    this.#userOf = userOf;
  }

  /** Those that are granted now, in order. */
  settle(): number[] {
    const granted: number[] = [];
    while (this.held.size - this.ahead.length < this.#max) {
      const urgent = this.ahead.shift();
      const next = urgent ?? this.order()[0];
      if (next === undefined) break;
      this.#serves += 1;
      this.#served.set(this.#userOf(next), this.#serves);
      if (urgent !== undefined) continue;
      this.waiting = this.waiting.filter((who) => who !== next);
      this.held.add(next);
      granted.push(next);
    }
    return granted;
  }

  order(): number[] {
    const left = [...this.waiting];
    const served = new Map(this.#served);
    const order: number[] = [];
    for (let serves = this.#serves; left.length > 0; ) {
      const users = [...new Set(left.map(this.#userOf))];
      const since = (user: string) => served.get(user) ?? 0;
      const user = users.reduce((a, b) => (since(b) < since(a) ? b : a));
      const at = left.findIndex((who) => this.#userOf(who) === user);
      order.push(...left.splice(at, 1));
      serves += 1;
      served.set(user, serves);
    }
    return order;
  }
}

test('[R30] [TU1] in any order of arrivals, ends and aborts: bounded, none lost, in turn, places true', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('want' as const), who: fc.nat(11) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const), who: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), who: fc.nat(11) }) },
    { weight: 4, arbitrary: fc.constant({ do: 'tick' as const }) },
  );
  const steps = fc.array(step, { maxLength: 60 });
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (max, all) => {
    const { gate, slot, granted } = stageGate(max);
    const userOf = (who: number) => ['ada', 'bob', 'eve', 'joe'][who % 4] ?? '';
    const slots = Array.from({ length: 12 }, (_, who) => slot(userOf(who), String(who)));
    const model = new Model(max, userOf);
    const steady = async () => {
      await settled();
      const expected = model.settle();
      assert.deepEqual(granted.splice(0), expected.map(String));
      assert.deepEqual(
        slots.flatMap(({ isHeld }, who) => (isHeld ? [who] : [])),
        [...model.held].sort((a, b) => a - b),
      );
      assert.deepEqual(gate.state, { running: model.held.size, queued: model.waiting.length });
      for (const [i, who] of model.order().entries())
        assert.equal(slots[who]?.place, i + 1, `the place of ${who}`);
      assert.ok(model.held.size - model.ahead.length <= max);
    };
    for (const next of [...all, { do: 'tick' }] as Step[]) {
      if (next.do === 'tick') await steady();
      else await act(next.do, next.who);
    }
    for (const who of slots.keys()) await act('release', who);
    await steady();
    assert.deepEqual(gate.state, { running: 0, queued: 0 });

    /** Steps that make room are followed by a tick; those that ask need none. */
    async function act(what: 'want' | 'release' | 'take', who: number): Promise<void> {
      const isIn = model.held.has(who) || model.waiting.includes(who);
      if (what === 'want' && !isIn) {
        model.waiting.push(who);
        slots[who]?.want();
      } else if (what === 'take' && !model.held.has(who)) {
        model.waiting = model.waiting.filter((one) => one !== who);
        model.held.add(who);
        model.ahead.push(who);
        slots[who]?.take();
      } else if (what === 'release' && isIn) {
        model.held.delete(who);
        model.waiting = model.waiting.filter((one) => one !== who);
        model.ahead = model.ahead.filter((one) => one !== who);
        slots[who]?.release();
      } else return;
      await steady();
    }
  });
  await fc.assert(property);
});

test('[R30] however much happens in one tick: never above the bound, and all is given back', async () => {
  const act = fc.record({ do: fc.constantFrom('want', 'release', 'take', 'tick'), who: fc.nat(7) });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 3 }),
    fc.array(act, { maxLength: 60 }),
    async (max, acts) => {
      const gate = new RunGate(max);
      const taken = new Set<number>();
      const bounded = () => {
        const turns = slots.filter(({ isHeld }, who) => isHeld && !taken.has(who)).length;
        assert.ok(turns <= max, `${turns} of ${max}`);
      };
      const slots = Array.from({ length: 8 }, (_, who) =>
        gate.slot({ user: `u${who % 3}`, onGranted: () => bounded(), onMoved: () => {} }),
      );
      for (const { do: what, who } of acts) {
        const slot = slots[who];
        if (what === 'tick') await settled();
        else if (what === 'want') slot?.want();
        else if (what === 'release') slot?.release();
        else if (slot && !slot.isHeld) taken.add(who);
        if (what === 'take') slot?.take();
        if (what === 'release') taken.delete(who);
        bounded();
      }
      await settled();
      const { running, queued } = gate.state;
      assert.equal(running, slots.filter(({ isHeld }) => isHeld).length);
      assert.ok(queued === 0 || running >= max, 'one waits for a slot that is free');
      for (const slot of slots) slot.release();
      await settled();
      assert.deepEqual(gate.state, { running: 0, queued: 0 });
    },
  );
  await fc.assert(property);
});
