/** Whatever nodes that share a database do at once, and whichever of them go: what must hold of all they wrote. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SharedWork, type Step } from '../../support/shared-work.ts';

const step: fc.Arbitrary<Step> = fc.record({
  node: fc.nat({ max: 2 }),
  conversation: fc.nat({ max: 1 }),
  does: fc.oneof(
    ...(
      [
        [6, 'append'],
        [4, 'acquire'],
        [3, 'accept'],
        [3, 'start'],
        [2, 'finish'],
        [2, 'wait'],
        [2, 'read'],
        [1, 'release'],
        [1, 'cut'],
        [1, 'die'],
        [1, 'renew'],
      ] as const
    ).map(([weight, does]) => ({ weight, arbitrary: fc.constant(does) })),
  ),
});

/** Those of one round are done at once. */
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 4,
  maxLength: 16,
});

test('[R3] [R10] [R16] [R17] [R21] whatever nodes do at once: no gap, no lost row, none of an old owner, each prompt one node’s, each run ended once', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      const work = await SharedWork.begin(3);
      try {
        for (const round of all) await Promise.all(round.map((one) => work.do(one)));
        await work.check();
        for (const what of work.seen) seen.add(what);
      } finally {
        await work.end();
      }
    }),
    { numRuns: 25, endOnFailure: true }, // a smaller one need not fail again
  );
  // What is never reached is not tested.
  for (const what of ['acked', 'refused', 'held elsewhere', 'claimed', 'cut off'])
    assert.ok(seen.has(what), what);
});
