import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Days } from '../../src/store/days.ts';
import { ChargeTable } from '../../src/store/sqlite/charge-table.ts';
import type { Sql } from '../../src/store/sqlite/sql.ts';
import { conversationKey } from '../../src/store/store.ts';
import { demanding } from '../support/limits.ts';
import { RESTARTABLE } from '../support/restartable.ts';

const KEY = conversationKey('u', 't');

for (const [name, { open }] of Object.entries(RESTARTABLE)) {
  /** A conversation with a live run, whose owner has gone. */
  const cutOff = async (t: TestContext) => {
    const { store } = await open(Date.now);
    t.after(() => store.close());
    await store.take(demanding('u', {}, { runId: 'a', thread: 't' }), Date.now());
    await store.accept(KEY, { runId: 'a', digest: 'a', text: 'a' });
    const lease = await store.acquire(KEY);
    const chunk = '{"type":"RUN_STARTED"}';
    await store.append(lease, [{ runId: 'a', chunk, marks: 'runStarted' }], 'sync');
    const eased: boolean[] = [];
    store.onCharged((_, isEased) => eased.push(isEased));
    const runs = async () => (await store.uses('u', Date.now())).runs.used;
    return { store, eased, runs };
  };

  test(`[R29] the ${name} store tells that a run which was cut off has ended`, async (t) => {
    const { store, eased, runs } = await cutOff(t);
    await store.acquire(KEY);
    assert.deepEqual([await runs(), eased], [0, [true]]);
  });

  test(`[R29] the ${name} store tells that a run has gone with its conversation`, async (t) => {
    const { store, eased, runs } = await cutOff(t);
    await store.remove(KEY, 1);
    const rules = { endedBefore: 0, deletedBefore: 2, unusedSince: null };
    while ((await store.sweep(rules)).more);
    assert.deepEqual([await runs(), eased], [0, [true]]);
  });
}

test('[R26] on a full disk each user is given back what is theirs, also where run ids are alike', () => {
  let isFull = true;
  const deleted: unknown[] = [];
  const sql = {
    get: () => ({ n: 0 }),
    run: (statement: string, ...values: unknown[]) => {
      if (isFull) throw Object.assign(new Error('full'), { errcode: 13 });
      if (statement.startsWith('DELETE')) deleted.push(values.slice(0, 2));
      return { changes: 1, lastInsertRowid: 0 };
    },
  } as unknown as Sql;
  const charges = new ChargeTable(sql, new Days('UTC'));
  charges.giveBack('u', 'same');
  isFull = false;
  charges.take(demanding('other', {}, { runId: 'same' }), Date.now());
  assert.deepEqual(deleted, [['u', 'same']]);
});
