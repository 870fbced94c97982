import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseClock } from '../../../src/store/postgres/database-clock.ts';
import { forgetDeadNodes } from '../../../src/store/postgres/membership.ts';
import { Postgres, sharedPostgres } from '../../support/postgres.ts';
import { LEASE_MS, TestMember } from '../../support/postgres-cluster.ts';

const database = async () => (await sharedPostgres()).database();

const expiry = async ({ db, cluster }: TestMember) =>
  Number(
    (
      await db.get(
        'SELECT extract(epoch FROM expires_at) * 1000 AS at FROM nodes WHERE id = $1',
        cluster.node,
      )
    )?.at,
  );

test('[R16] a lease is renewed long before it ends, and counts here for half of what others grant it', async () => {
  const a = await TestMember.join(await database(), 'a');
  const before = await expiry(a);
  assert.equal(a.cluster.membership.deadline(), LEASE_MS / 2);
  a.clock.increment(LEASE_MS / 5);
  await a.until(async () => (await expiry(a)) > before, 0);
  await a.until(() => a.cluster.membership.deadline() > LEASE_MS / 2, 0);
  assert.equal(a.cluster.membership.deadline(), LEASE_MS / 5 + LEASE_MS / 2);
  assert.ok(a.cluster.isMember);
});

test('[R16] a node that was declared dead loses its lease with its next renewal, and joins under another id', async () => {
  const a = await TestMember.join(await database(), 'a');
  const { node } = a.cluster;
  const lost: boolean[] = [];
  a.cluster.onLost(() => lost.push(a.cluster.isMember));
  await a.db.run('UPDATE nodes SET dead = true WHERE id = $1', node);
  a.clock.increment(LEASE_MS / 5);
  await a.until(() => a.cluster.node !== node, 0);
  assert.deepEqual(lost, [false]);
  assert.ok(a.cluster.isMember);
  const old = await a.db.get('SELECT dead FROM nodes WHERE id = $1', node);
  assert.deepEqual(old, { dead: true });
});

test('[R16] a node that was held for longer than its lease is lost before anything else it does', async () => {
  const a = await TestMember.join(await database(), 'a');
  const { node } = a.cluster;
  let lost = 0;
  a.cluster.onLost(() => {
    lost += 1;
  });
  // Its timers have not run yet: what it asks for itself must know.
  const { now } = a.clock;
  a.clock.now = () => now.call(a.clock) + LEASE_MS;
  assert.equal(a.cluster.isMember, false);
  await a.cluster.membership.renew();
  assert.equal(lost, 1, 'though the database would have renewed it');
  assert.notEqual(a.cluster.node, node);
});

test('[R16] a database that answers nothing ends the lease in time, and has the node back under another id', async () => {
  const postgres = await Postgres.start();
  try {
    const a = await TestMember.join(await postgres.database(), 'a');
    const { node } = a.cluster;
    let lost = 0;
    a.cluster.onLost(() => {
      lost += 1;
    });
    postgres.freeze();
    a.clock.increment(LEASE_MS / 5);
    a.clock.increment(LEASE_MS / 2 - LEASE_MS / 5 - 1);
    assert.deepEqual([lost, a.cluster.isMember], [0, true]);
    a.clock.increment(1);
    assert.deepEqual([lost, a.cluster.isMember], [1, false]);
    postgres.thaw();
    await a.until(() => a.cluster.isMember);
    assert.notEqual(a.cluster.node, node);
    assert.equal(lost, 1);
    await a.end();
  } finally {
    postgres.thaw();
    await postgres.remove();
  }
});

test('[R21] a database that was killed and started again finds its nodes, and they know that they missed something', async () => {
  const postgres = await Postgres.start();
  try {
    const url = await postgres.database();
    const [a, b] = [await TestMember.join(url, 'a'), await TestMember.join(url, 'b')];
    const { node } = a.cluster;
    const resumed: TestMember[] = [];
    for (const each of [a, b]) each.cluster.onResumed(() => resumed.push(each));
    await postgres.end('SIGKILL');
    await postgres.resume();
    await a.until(() => resumed.includes(a), 1);
    await b.until(() => resumed.includes(b), 1);
    assert.equal(resumed.length, 2);
    assert.ok(b.cluster.isMember);
    assert.equal(a.cluster.node, node, 'its lease had not ended');
    const heard = Promise.withResolvers<string>();
    a.cluster.onFact((key) => heard.resolve(key));
    b.cluster.tell('u/t', { type: 'activityChanged' });
    assert.equal(await heard.promise, 'u/t');
    await Promise.all([a.end(), b.end()]);
  } finally {
    await postgres.remove();
  }
});

test('[R16] a node that has left keeps what it has until it ends, and says that it takes nothing over', async () => {
  const url = await database();
  const [a, b] = [await TestMember.join(url, 'a'), await TestMember.join(url, 'b')];
  await a.own('u/t');
  assert.equal(await b.cluster.ownerOf('u/t'), a.cluster.node);
  await a.cluster.leave();
  const row = await b.db.get('SELECT draining FROM nodes WHERE id = $1', a.cluster.node);
  assert.deepEqual(row, { draining: true });
  assert.equal(await b.cluster.ownerOf('u/t'), a.cluster.node);
  await a.cluster.close();
  assert.equal(await b.cluster.ownerOf('u/t'), null);
});

test('a node that was not heard for an hour is forgotten with what it left', async () => {
  const url = await database();
  const [a, b] = [await TestMember.join(url, 'a'), await TestMember.join(url, 'b')];
  await a.own('u/t');
  await a.db.run(
    `INSERT INTO nodes VALUES ('old', 'old', clock_timestamp() - interval '61 minutes', true),
       ('young', 'young', clock_timestamp() - interval '59 minutes', true)`,
  );
  await a.db.run(
    "INSERT INTO watches SELECT id, node FROM conversations, (VALUES ('old'), ('young')) AS n (node)",
  );
  await a.db.run(
    "INSERT INTO commands VALUES (gen_random_uuid(), 'old', $1, '{}'), (gen_random_uuid(), 'young', $1, '{}')",
    b.cluster.node,
  );
  await forgetDeadNodes(a.db);
  const of = (sql: string) => a.db.all(sql);
  assert.deepEqual(await of("SELECT id FROM nodes WHERE name IN ('old', 'young')"), [
    { id: 'young' },
  ]);
  assert.deepEqual(await of('SELECT node FROM watches'), [{ node: 'young' }]);
  assert.deepEqual(await of('SELECT from_node FROM commands'), [{ from_node: 'young' }]);
});

test('conversations of a node that is forgotten are nobody’s, but for a turn that is still to be ended', async () => {
  const a = await TestMember.join(await database(), 'a');
  for (const key of ['u/done', 'u/cut', 'u/mine'] as const) await a.own(key);
  await a.db.run(
    `UPDATE places SET owner = 'gone' FROM conversations c
       WHERE c.id = conversation AND c.key <> 'u/mine'`,
  );
  await a.db.run(
    "UPDATE places SET head_seq = 1 FROM conversations c WHERE c.id = conversation AND c.key = 'u/cut'",
  );
  // More than go at once, of another node that is forgotten.
  await a.db.run(
    `WITH made AS (INSERT INTO conversations (key, user_name, session_id, created_at, updated_at)
       SELECT 'v/' || n, 'v', 's', 1, 1 FROM generate_series(1, 2500) n RETURNING id)
     INSERT INTO places (conversation, owner) SELECT id, 'old' FROM made`,
  );
  await forgetDeadNodes(a.db);
  const owned = await a.db.all(
    'SELECT c.key, p.owner FROM places p JOIN conversations c ON c.id = p.conversation WHERE p.owner IS NOT NULL ORDER BY c.id',
  );
  assert.deepEqual(owned, [
    { key: 'u/cut', owner: 'gone' },
    { key: 'u/mine', owner: a.cluster.node },
  ]);
});

test('nodes agree on the time whatever their own clocks say', async (t) => {
  t.mock.method(Date, 'now', () => 5);
  const a = await TestMember.join(await database(), 'a');
  const said = Number(
    (await a.db.get('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now'))?.now,
  );
  // The test's clock stands still, so what was measured is at most as old as the node.
  assert.ok(a.cluster.now() <= said && a.cluster.now() > said - 60_000);
});

test('a slow answer moves the time by no more than it was certainly wrong', () => {
  let at = 0;
  const clock = new DatabaseClock({ now: () => at });
  clock.heard(1_000_010, 0, 20);
  at = 20;
  assert.equal(clock.now(), 1_000_020);
  clock.heard(1_000_030, 20, 1_020); // sometime in a second: nothing new
  assert.equal(clock.now(), 1_000_020);
  clock.heard(1_000_015, 20, 24); // five less at most, as it was said after 20
  assert.equal(clock.now(), 1_000_015);
  clock.heard(2_000_000, 20, 20);
  assert.equal(clock.now(), 2_000_000);
});
