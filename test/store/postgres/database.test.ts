import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Database } from '../../../src/store/postgres/database.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { pool, pools } from '../../support/postgres-database.ts';

test('[R20] a connection that breaks between two statements of a transaction fails the next one, and nothing else', async () => {
  const [db, other] = await pools(2);
  assert.ok(other);
  const done = db.transaction(async (sql) => {
    const row = await sql.get('SELECT pg_backend_pid() AS pid');
    const pid = Number(row?.pid);
    await other.run('SELECT pg_terminate_backend($1, 10000)', pid);
    await new Promise(setImmediate); // what the connection has to say of it is heard
    await other.get('SELECT 1');
    await sql.run('SELECT 1');
  });
  await assert.rejects(done, { code: 'store.unavailable' });
  assert.deepEqual(await db.get('SELECT 1 AS n'), { n: 1 });
});

test('[R18] what a frozen server has locked is let go of in time for another to take over', async () => {
  const [frozen, other] = await pools(2);
  assert.ok(other);
  await other.run("INSERT INTO nodes (id, name, expires_at) VALUES ('n', 'n', clock_timestamp())");
  const lock = "UPDATE nodes SET draining = true WHERE id = 'n'";
  let waited = 0;
  const done = frozen.transaction(async (sql) => {
    await sql.run(lock);
    const start = performance.now();
    await other.run(lock); // this one says nothing meanwhile, as if it were stopped
    waited = performance.now() - start;
    await sql.run(lock);
  });
  await assert.rejects(done, { code: 'store.unavailable' });
  assert.ok(waited < 3_000, `it took ${waited} ms`);
});

test('a bug within a transaction is thrown as it is, and undoes it; an error of the database is told as before', async () => {
  const [db] = await pools(1);
  const bug = new TypeError('a bug');
  const done = db.transaction(async (sql) => {
    await sql.run("INSERT INTO nodes (id, name, expires_at) VALUES ('n', 'n', clock_timestamp())");
    throw bug;
  });
  await assert.rejects(done, (error) => error === bug);
  assert.deepEqual(await db.all('SELECT id FROM nodes'), []);
  const failed = (statement: string) => db.transaction((sql) => sql.run(statement));
  await assert.rejects(failed('SELECT 1 / 0'), { code: '22012' });
  const full = "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$";
  await assert.rejects(failed(full), { code: 'store.full' });
});

test('servers that start together make the tables once, and older servers do not touch newer ones', async () => {
  const url = await (await sharedPostgres()).database();
  const all = await Promise.all(Array.from({ length: 4 }, () => pool(url)));
  const [db] = all as [(typeof all)[0], ...typeof all];
  assert.equal((await db.all('SELECT version FROM greenroom')).length, 1);
  assert.deepEqual(await db.all("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"), []);
  await db.run('UPDATE greenroom SET version = 1000');
  await assert.rejects(db.migrate(), /a newer version of Greenroom/);
});

test('[R20] a server that says goodbye in one packet with its welcome is away, and nothing else', async (t) => {
  const message = (type: string, body: Buffer) => {
    const head = Buffer.from(`${type}0000`);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  // Stands for a PostgreSQL that is shut down just then, as no real one can be told to be.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.end(
        Buffer.concat([
          message('R', Buffer.alloc(4)),
          message('Z', Buffer.from('I')),
          message('E', Buffer.from('SFATAL\0C57P01\0Mbye\0\0')),
        ]),
      ),
    );
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const url = `postgres://postgres@127.0.0.1:${port}/x`;
  const db = new Database({ url, poolMax: 1, timeoutMs: 2_000, name: 't' });
  t.after(() => db.close());
  const refused = { code: 'store.unavailable' };
  await assert.rejects(
    db.transaction((sql) => sql.get('SELECT 1')),
    refused,
  );
  await assert.rejects(db.get('SELECT 1'), refused);
});
