import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOCK, Line } from '../../../src/store/postgres/line.ts';
import { Postgres } from '../../support/postgres.ts';

test('[R22] what is asked of a line at once is asked one after the other; where it breaks, all of it fails', async (t) => {
  const postgres = await Postgres.start();
  t.after(() => postgres.remove());
  const warned: string[] = [];
  process.on('warning', ({ message }) => warned.push(message));
  const connected = Promise.withResolvers<void>();
  const line = new Line({
    ...{ url: postgres.url('postgres'), name: 'anna', timeoutMs: 2_000, clock: CLOCK },
    onNotice: () => {},
    onConnected: (again) => again && connected.resolve(),
  });
  t.after(() => line.close());
  await line.open();
  const asked = [1, 2, 3].map((n) => line.get<{ n: number }>('SELECT $1::int AS n', n));
  assert.deepEqual(await Promise.all(asked), [{ n: 1 }, { n: 2 }, { n: 3 }]);

  const broken = [
    line.get('SELECT pg_terminate_backend(pg_backend_pid())'),
    line.get('SELECT 1'),
    line.get('SELECT 2'),
  ];
  for (const answer of broken) await assert.rejects(answer, { code: 'store.unavailable' });
  await connected.promise;
  assert.deepEqual(await line.get('SELECT 3 AS n'), { n: 3 });
  await new Promise(setImmediate); // a warning is told a tick later
  assert.deepEqual(warned, []);
});
