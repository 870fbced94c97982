import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Database } from '../../../src/store/postgres/database.ts';
import { often } from '../../../src/store/postgres/often.ts';
import { PostgresStore } from '../../../src/store/postgres/store.ts';
import { NO_TOKENS } from '../../../src/tokens.ts';
import { demanding } from '../../support/limits.ts';
import { sharedPostgres } from '../../support/postgres.ts';

const PREPARED = 'SELECT statement FROM pg_prepared_statements';

for (const prepares of [true, false])
  test(`what comes often is ${prepares ? '' : 'not '}prepared where a connection ${prepares ? 'stays one' : 'may be another'}`, async () => {
    const url = await (await sharedPostgres()).database();
    const db = new Database({ url, name: 'test', poolMax: 1, timeoutMs: 5_000, prepares });
    const asked = often('SELECT $1::int + 1 AS n');
    assert.equal((await db.get(asked, 1))?.n, 2);
    await db.transaction((sql) => sql.all(asked, 2));
    const found = (await db.all(PREPARED)).map(({ statement }) => statement);
    await db.close();
    assert.deepEqual(found, prepares ? [asked] : []);
  });

test('[R25] what a run has used so far is told to those of this node, and when it ends to all', async () => {
  const url = await (await sharedPostgres()).database();
  const settings = { url, poolMax: 2, timeoutMs: 5_000, leaseMs: 10_000 };
  const [here, there] = [
    await PostgresStore.open({ ...settings, name: 'here' }),
    await PostgresStore.open({ ...settings, name: 'there' }),
  ];
  const heard: string[] = [];
  here.onCharged((user, eased) => heard.push(`here ${user} ${eased}`));
  const toldThere = Promise.withResolvers<void>();
  there.onCharged((user, eased) => {
    heard.push(`there ${user} ${eased}`);
    if (eased) toldThere.resolve();
  });
  const demand = demanding('ada', {});
  await here.spend('ada', demand.runId, { ...NO_TOKENS, outputTokens: 5 }, null);
  await here.giveBack('ada', demand.runId);
  await toldThere.promise;
  await Promise.all([here.close(), there.close()]);
  assert.deepEqual(heard, ['here ada false', 'here ada true', 'there ada true']);
});
