import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PACE_MS, Pump, type PumpClock } from '../../src/claude/pump.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';

fc.configureGlobal({ seed: 20_266, numRuns: 500 });

const EPOCH = 1_764_000_000_000;
const CHUNK_BYTES_MAX = 64 * 1024;

/** Time that moves when told to, and runs what is due on the way. */
class SteppedClock implements PumpClock {
  #now = 0;
  #timers = new Map<number, { at: number; fn: () => void }>();
  #last = 0;

  now(): number {
    return this.#now;
  }
  setTimeout(fn: () => void, ms: number): unknown {
    this.#timers.set(++this.#last, { at: this.#now + ms, fn });
    return this.#last;
  }
  clearTimeout(id: unknown): void {
    this.#timers.delete(id as number);
  }
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= until);
      const [id, timer] = due.sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (id === undefined || timer === undefined) break;
      this.#timers.delete(id);
      this.#now = timer.at;
      timer.fn();
    }
    this.#now = until;
  }
  get waiting(): number {
    return this.#timers.size;
  }
}

function startPump() {
  const clock = new SteppedClock();
  const batches: { at: number; chunks: string[] }[] = [];
  const out = (chunks: string[]) => batches.push({ at: clock.now(), chunks });
  const pump = new Pump(out, clock, () => EPOCH + clock.now());
  const stamped = () =>
    batches.flatMap(({ chunks }) => chunks.map((chunk) => JSON.parse(chunk) as AguiEvent));
  const events = () => stamped().map(({ timestamp: _, ...event }) => event as AguiEvent);
  return { clock, batches, pump, events, stamped };
}

const text = (delta: string, messageId = 'm1'): AguiEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId,
  delta,
});
const thinking = (delta: string, messageId = 'm1'): AguiEvent => ({
  type: 'REASONING_MESSAGE_CONTENT',
  messageId,
  delta,
});
const args = (delta: string, toolCallId = 'm1'): AguiEvent => ({
  type: 'TOOL_CALL_ARGS',
  toolCallId,
  delta,
});
const end: AguiEvent = { type: 'TEXT_MESSAGE_END', messageId: 'm1' };

test('the first delta goes at once', () => {
  const { pump, batches } = startPump();
  pump.push([text('a')]);
  pump.settle();
  assert.deepEqual(batches, [{ at: 0, chunks: [JSON.stringify(text('a'))] }]);
});

test('what comes within the pace goes together when it has passed', () => {
  const { pump, batches, clock } = startPump();
  for (const word of ['a', 'b', 'c', 'd']) {
    pump.push([text(word)]);
    pump.settle();
    clock.advance(5);
  }
  assert.deepEqual(batches, [
    { at: 0, chunks: [JSON.stringify(text('a'))] },
    { at: PACE_MS, chunks: [JSON.stringify(text('bcd'))] },
  ]);
});

test('a delta after a pause does not wait', () => {
  const { pump, batches, clock } = startPump();
  pump.push([text('a')]);
  pump.settle();
  clock.advance(PACE_MS);
  pump.push([text('b')]);
  pump.settle();
  assert.equal(batches.at(-1)?.at, PACE_MS);
  assert.equal(clock.waiting, 0);
});

test('nothing goes before the bytes at hand are used up', () => {
  const { pump, batches } = startPump();
  pump.push([text('a')]);
  pump.push([text('b')]);
  assert.equal(batches.length, 0);
  pump.settle();
  assert.deepEqual(batches[0]?.chunks, [JSON.stringify(text('ab'))]);
});

test('a flush sends at once what waits for the pace, and leaves no timer', () => {
  const { pump, batches, clock, events } = startPump();
  pump.push([text('a')]);
  pump.settle();
  clock.advance(1);
  pump.push([text('b'), end]);
  pump.settle();
  pump.flush();
  assert.equal(batches.at(-1)?.at, 1);
  assert.deepEqual(events().slice(-2), [text('b'), end]);
  assert.equal(clock.waiting, 0);
  clock.advance(100);
  assert.equal(batches.length, 2);
});

test('a flush or settle with nothing to send sends nothing', () => {
  const { pump, batches } = startPump();
  pump.push([]);
  pump.settle();
  pump.flush();
  assert.deepEqual(batches, []);
});

test('deltas of different blocks, of different kinds and over a boundary are not joined', () => {
  const { pump, events } = startPump();
  const given = [text('a'), text('b', 'm2'), thinking('c', 'm2'), args('d', 'm2'), end, text('e')];
  pump.push(structuredClone(given));
  pump.flush();
  assert.deepEqual(events(), given);
});

test('[FR10] what is no delta says when it came, however long the pace keeps it; deltas do not', () => {
  const { pump, clock, stamped } = startPump();
  pump.push([text('a')]);
  pump.settle();
  clock.advance(3);
  pump.push([text('b'), end]);
  pump.settle();
  clock.advance(100);
  const [first, more, last] = stamped();
  assert.equal(first?.timestamp, undefined);
  assert.equal(more?.timestamp, undefined);
  assert.equal(last?.timestamp, EPOCH + 3);
});

test('a pump that is asked again and again within the pace keeps one timer', () => {
  const { pump, clock } = startPump();
  pump.push([text('a')]);
  pump.settle();
  for (let i = 0; i < 100; i++) {
    pump.push([text('b')]);
    pump.settle();
  }
  assert.equal(clock.waiting, 1);
});

const blocks = fc.constantFrom('m1', 'm2');
const event = fc.oneof(
  fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), blocks).map(([d, id]) => text(d, id)),
  fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), blocks).map(([d, id]) => thinking(d, id)),
  fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), blocks).map(([d, id]) => args(d, id)),
  blocks.map((messageId): AguiEvent => ({ type: 'TEXT_MESSAGE_END', messageId })),
);
const step = fc.record({
  events: fc.array(event, { maxLength: 4 }),
  flush: fc.boolean(),
  pauseMs: fc.constantFrom(0, 1, 7, 15, 16, 17, 100),
});

/** Neighbouring deltas of one block joined: what any joining of the same events comes to. */
function joined(events: readonly AguiEvent[]): AguiEvent[] {
  const result: AguiEvent[] = [];
  for (const each of structuredClone(events)) {
    const last = result.at(-1);
    if (!last || !('delta' in last) || !('delta' in each) || !sameBlock(last, each))
      result.push(each);
    else Object.assign(last, { delta: `${last.delta}${each.delta}` });
  }
  return result;
}

function sameBlock(a: AguiEvent, b: AguiEvent): boolean {
  return JSON.stringify({ ...a, delta: '' }) === JSON.stringify({ ...b, delta: '' });
}

test('whatever the times and boundaries, the joined deltas are the given ones in order', () => {
  const property = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const { pump, clock, batches, events } = startPump();
    for (const { events: given, flush, pauseMs } of structuredClone(steps)) {
      pump.push(given);
      if (flush) pump.flush();
      else pump.settle();
      clock.advance(pauseMs);
    }
    clock.advance(PACE_MS);
    assert.deepEqual(joined(events()), joined(steps.flatMap((s) => s.events)));
    assert.ok(batches.every(({ chunks }) => chunks.length > 0));
  });
  fc.assert(property);
});

test('whatever the times, batches keep the pace and nothing waits longer than it', () => {
  const property = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const { pump, clock, batches } = startPump();
    for (const { events: given, pauseMs } of structuredClone(steps)) {
      const before = batches.length;
      pump.push(given);
      pump.settle();
      // Everything pushed until now has left when one pace has passed.
      if (given.length > 0 && batches.length === before) {
        assert.ok(clock.waiting === 1);
      }
      clock.advance(pauseMs);
      if (pauseMs >= PACE_MS) assert.equal(clock.waiting, 0);
    }
    // What is no delta, such as a block's beginning, neither counts for the pace nor starts it.
    const paced = batches.filter(({ chunks }) =>
      chunks.some((chunk) => chunk.includes('"delta":')),
    );
    const gaps = paced.slice(1).map(({ at }, i) => at - (paced[i]?.at ?? 0));
    assert.ok(
      gaps.every((gap) => gap >= PACE_MS),
      String(gaps),
    );
  });
  fc.assert(property);
});

test('a long delta is split into chunks of at most 64 KiB, and no surrogate pair is cut', () => {
  const unit = fc.constantFrom('a', '"', '\u0000', 'é', '漢', '😀', 'x😀');
  const long = fc
    .tuple(fc.array(unit, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 12_000 }))
    .map(([units, times]) => units.join('').repeat(times));
  const make = fc.constantFrom(text, thinking, args);
  const property = fc.property(long, make, (delta, of) => {
    const { pump, batches, events } = startPump();
    pump.push([of(delta)]);
    pump.flush();
    for (const chunk of batches.flatMap(({ chunks }) => chunks))
      assert.ok(Buffer.byteLength(chunk) <= CHUNK_BYTES_MAX);
    const deltas = events().map((each) => ('delta' in each ? String(each.delta) : ''));
    assert.ok(deltas.every((part) => part.isWellFormed() && part !== ''));
    assert.equal(deltas.join(''), delta);
  });
  fc.assert(property, { numRuns: 150 });
});

test('joining many small deltas splits them again at the bound', () => {
  const { pump, batches, events } = startPump();
  for (let i = 0; i < 5_000; i++) pump.push([text('\u0000word😀')]);
  pump.flush();
  const chunks = batches.flatMap((batch) => batch.chunks);
  assert.ok(chunks.length > 1);
  assert.ok(chunks.every((chunk) => Buffer.byteLength(chunk) <= CHUNK_BYTES_MAX));
  const whole = events()
    .map((each) => ('delta' in each ? each.delta : ''))
    .join('');
  assert.equal(whole, '\u0000word😀'.repeat(5_000));
});
