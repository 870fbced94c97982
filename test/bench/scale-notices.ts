/** What a notice costs the database, by how many nodes listen: plain connections, so that nothing else is counted. */
import pg from 'pg';
import { sleep } from './process.ts';
import type { ScaleDatabase } from './scale-database.ts';

const PER_SECOND = 200;
const FOR_MS = 4_000;
const PAYLOAD = JSON.stringify(['sender', ['charged', 'a-user', false]]);

/** µs of the database's CPU for a notice; the statement that carries it included. */
export async function noticeCost(database: ScaleDatabase, listeners: number): Promise<number> {
  const clients: pg.Client[] = [];
  for (let i = 0; i <= listeners; i += 1) {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    clients.push(client);
  }
  const [sender, ...rest] = clients;
  for (const client of rest) await client.query('LISTEN scale');
  const before = await database.counters();
  let sent = 0;
  while (performance.now() - before.at < FOR_MS) {
    await sender?.query("SELECT pg_notify('scale', $1)", [PAYLOAD]);
    sent += 1;
    await sleep(Math.max(0, before.at + (sent * 1_000) / PER_SECOND - performance.now()));
  }
  const after = await database.counters();
  await Promise.all(clients.map((client) => client.end()));
  return ((after.cpuMs - before.cpuMs) * 1_000) / sent;
}
