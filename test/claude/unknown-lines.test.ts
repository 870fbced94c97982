/** What a later CLI may say that this release does not know breaks nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UnknownLines } from '../../src/claude/unknown-lines.ts';
import { RECORDINGS, type Recording } from '../support/recordings.ts';
import { replay } from './replay.ts';

fc.configureGlobal({ seed: 20_261 });

const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('', -1, 1e9, null, [[]]));
const invented = fc.oneof(
  fc.record({ type: fc.constantFrom('telepathy', '__proto__', '', 7, null), more: junk }),
  fc.record({
    type: fc.constant('system'),
    subtype: fc.constantFrom('mood', '', 3, null),
    more: junk,
  }),
  fc.record({
    type: fc.constant('stream_event'),
    event: fc.record({ type: fc.constant('aura'), index: junk }),
  }),
  fc.record({
    type: fc.constant('control_request'),
    request_id: junk,
    request: fc.record({ subtype: fc.constantFrom('oauth', '', 4), more: junk }),
  }),
  fc.record({ type: fc.constant('user'), message: junk, more: junk }),
);

test('invented lines between those of any recording change nothing of what it tells', () => {
  const property = fc.property(
    fc.constantFrom(...RECORDINGS),
    fc.array(fc.tuple(fc.nat(), invented), { minLength: 1, maxLength: 20 }),
    (recorded, added) => {
      const steps = [...recorded.steps];
      for (const [at, message] of added) {
        const line = JSON.stringify(message);
        steps.splice(at % (steps.length + 1), 0, { dir: 'out', line, message: {} });
      }
      assert.deepEqual(replay({ ...recorded, steps } as Recording), replay(recorded));
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('invented fields of known lines change nothing of what they tell', () => {
  for (const recorded of RECORDINGS) {
    const steps = recorded.steps.map((step) =>
      step.dir === 'in'
        ? step
        : { ...step, line: JSON.stringify({ ...step.message, aura: { deep: [1] }, mood: null }) },
    );
    assert.deepEqual(replay({ ...recorded, steps }), replay(recorded), recorded.name);
  }
});

test('unknown kinds are counted by name, at most 50 of them, and each is told once', () => {
  const told: string[] = [];
  const lines = new UnknownLines((what) => told.push(what));
  for (let round = 0; round < 2; round++) for (let i = 0; i < 60; i++) lines.count(`kind ${i}`);
  assert.equal(Object.keys(lines.counts).length, 51);
  assert.equal(lines.counts['kind 0'], 2);
  assert.equal(lines.counts.other, 20);
  assert.equal(told.length, 51);
});
