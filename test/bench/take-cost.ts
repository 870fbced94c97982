/**
 * What the limits cost each prompt: a take that fits, beside the cheapest question the store can be asked, by how
 * many entries the user has in the ledger. In turn, so that what the machine does meanwhile falls on both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import { DatabaseThread } from '../../src/store/sqlite/thread.ts';
import { demanding } from '../support/limits.ts';
import type { Figures } from './measures.ts';
import type { Row, Table } from './report.ts';

const TAKES = 1_000;
const ENTRIES = [0, 60, 500, 10_000];
/** Entries stay open here, as many as no user has: the limit of runs, which looks at open ones alone, is lifted. */
const LIMITS = { hour: 1e6, day: 1e6, tokens: 1e9 };

export async function takeCost(rounds: number): Promise<Table[]> {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-bench-'));
  const store = new SqliteStore(new DatabaseThread(join(dir, 'limits.db')));
  const columns = { head: [] as Figures[], take: [] as Figures[] };
  const now = Date.now();
  for (const entries of ENTRIES) {
    const user = `u${entries}`;
    const fill = Array.from({ length: entries }, () =>
      store.take(demanding(user, LIMITS, { reserve: 10 }), now),
    );
    await Promise.all(fill);
    for (let round = 0; round <= rounds; round += 1) {
      const head = await each(() => store.head('u/none'));
      const take = await each(async () => {
        const demand = demanding(user, LIMITS, { reserve: 10 });
        await store.take(demand, now);
        await store.giveBack(user, demand.runId);
      });
      if (round === 0) continue; // the first warms the code
      columns.head.push({ [user]: head });
      columns.take.push({ [user]: take - head }); // taking back is a call of its own
    }
  }
  await store.close();
  rmSync(dir, { recursive: true });
  return [
    {
      name: 'take',
      title: 'a take of the limits beside the cheapest call of the store',
      rows: Object.fromEntries(
        ENTRIES.map((entries): [string, Row] => [
          `u${entries}`,
          { label: `${entries} entries`, unit: 'µs', digits: 0 },
        ]),
      ),
      rounds: new Map(Object.entries(columns)),
      bases: ['head'],
    },
  ];
}

/** µs each, one after the other. */
async function each(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  for (let i = 0; i < TAKES; i += 1) await work();
  return ((performance.now() - begun) * 1_000) / TAKES;
}
