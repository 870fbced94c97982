import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InTurn } from '../../src/transport/in-turn.ts';

const works = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean() }));

test('work of one key is done in its order, one at a time, whatever ends first and whatever fails', async () => {
  const property = fc.asyncProperty(fc.scheduler(), works, async (scheduler, asked) => {
    const turns = new InTurn<string>();
    const done: string[] = [];
    const atWork = new Set<string>();
    const ends = asked.map(({ key, fails }, i) =>
      turns.do(key, async () => {
        assert.ok(!atWork.has(key), 'one at a time');
        atWork.add(key);
        await scheduler.schedule(Promise.resolve(), `${key}${i}`);
        atWork.delete(key);
        done.push(`${key}${i}`);
        if (fails) throw new Error(`${i}`);
      }),
    );
    const settled = Promise.allSettled(ends);
    await scheduler.waitFor(settled);
    for (const key of ['a', 'b', 'c'])
      assert.deepEqual(
        done.filter((name) => name.startsWith(key)),
        asked.flatMap((work, i) => (work.key === key ? [`${key}${i}`] : [])),
      );
    const outcomes = (await settled).map(({ status }) => status === 'rejected');
    assert.deepEqual(
      outcomes,
      asked.map(({ fails }) => fails),
    );
  });
  await fc.assert(property, { seed: 20_268, numRuns: 200 });
});

test('what is alone begins at once', async () => {
  let begun = false;
  const work = async () => {
    begun = true;
  };
  const done = new InTurn<string>().do('a', work);
  assert.ok(begun);
  await done;
});
