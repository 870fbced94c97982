import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { SweepRules, Swept } from '../../src/store/history.ts';
import { Housekeeper, REPLAYABLE_MS, UNDO_MS } from '../../src/store/housekeeper.ts';
import { settle } from '../support/held-store.ts';

function keepHouse(steps: (Swept | Error)[], retentionDays: number | null = null) {
  const asked: SweepRules[] = [];
  const forgotten: string[] = [];
  const errors: unknown[] = [];
  const sweep = async (rules: SweepRules): Promise<Swept> => {
    asked.push(rules);
    const step = steps.shift() ?? { more: false, forgotten: null };
    if (step instanceof Error) throw step;
    return step;
  };
  const housekeeper = new Housekeeper({
    store: { sweep },
    now: () => 1_000_000_000_000,
    retentionDays,
    onForgotten: (key, sessionId) => forgotten.push(`${key} ${sessionId}`),
    onError: (error) => errors.push(error),
  });
  return { housekeeper, asked, forgotten, errors };
}

const MORE: Swept = { more: true, forgotten: null };

test('[R4] it sweeps every few seconds until nothing is due, and names what is gone', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const gone: Swept = { more: true, forgotten: { key: 'amy/t', sessionId: 's' } };
  const { housekeeper, asked, forgotten } = keepHouse([MORE, gone, MORE]);
  mock.timers.tick(5_000);
  await settle();
  assert.equal(asked.length, 4);
  assert.deepEqual(forgotten, ['amy/t s']);
  assert.deepEqual(asked[0], {
    endedBefore: 1_000_000_000_000 - REPLAYABLE_MS,
    deletedBefore: 1_000_000_000_000 - UNDO_MS,
    unusedSince: null,
  });
  mock.timers.tick(5_000);
  await settle();
  assert.equal(asked.length, 5);
  await housekeeper.stop();
  mock.timers.tick(60_000);
  await settle();
  assert.equal(asked.length, 5);
  mock.timers.reset();
});

test('days of retention become a time; a failure is told, and the next sweep tries again', async () => {
  const { housekeeper, asked, errors } = keepHouse([new Error('the disk is full')], 2);
  await housekeeper.sweep();
  assert.equal(errors.length, 1);
  await housekeeper.sweep();
  assert.equal(asked.length, 2);
  assert.equal(asked[0]?.unusedSince, 1_000_000_000_000 - 2 * 86_400_000);
  await housekeeper.stop();
});
