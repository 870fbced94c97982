import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedPostgres } from '../../support/postgres.ts';
import { TestMember } from '../../support/postgres-cluster.ts';

async function two(): Promise<[TestMember, TestMember]> {
  const url = await (await sharedPostgres()).database();
  return [await TestMember.join(url, 'a'), await TestMember.join(url, 'b')];
}

const commands = ({ db }: TestMember) => db.all('SELECT id, reply FROM commands');

test('[R19] what a node is asked, it does and answers, and nothing of it stays', async () => {
  const [a, b] = await two();
  b.cluster.onCommand(async (body) => ({ did: body.kind, text: body.text }));
  const reply = await a.cluster.send(b.cluster.node, { kind: 'abort', text: '\0' }, 60_000);
  assert.deepEqual(reply, { did: 'abort', text: '\0' });
  await a.until(async () => (await commands(a)).length === 0, 0);
  a.cluster.onCommand(async () => ({ did: 'its own' }));
  assert.deepEqual(await a.cluster.send(a.cluster.node, { kind: 'x' }, 60_000), { did: 'its own' });
});

test('[R19] a command is done once, however often its node hears of it', async () => {
  const [a, b] = await two();
  let done = 0;
  const go = Promise.withResolvers<void>();
  b.cluster.onCommand(async () => {
    done += 1;
    await go.promise;
    return { done };
  });
  const reply = a.cluster.send(b.cluster.node, { kind: 'prompt' }, 60_000);
  const hear = () => {
    for (let i = 0; i < 20; i += 1) b.cluster.board.heard(['command', b.cluster.node]);
    b.clock.increment(1_000);
  };
  while (done === 0) await b.db.get('SELECT 1');
  hear();
  go.resolve();
  hear();
  assert.deepEqual(await reply, { done: 1 });
  hear();
  await b.until(async () => (await commands(a)).length === 0, 0);
  assert.equal(done, 1);
});

test('[R19] a poll that read a command before it was answered does not have it done again', async () => {
  const [a, b] = await two();
  let done = 0;
  b.cluster.onCommand(async () => {
    done += 1;
    return { done };
  });
  // The reply is lost on the way, so that its row is found without one as often as it is read.
  const run = b.db.run.bind(b.db);
  let lost = 0;
  b.db.run = async (sql, ...values) => {
    if (!sql.startsWith('UPDATE commands') || lost === 3) return run(sql, ...values);
    lost += 1;
    throw new Error('cut off');
  };
  const reply = a.cluster.send(b.cluster.node, { kind: 'prompt' }, 60_000);
  await b.until(() => lost === 3);
  await b.until(async () => (await commands(a)).every((row) => row.reply !== null));
  assert.deepEqual(await reply, { done: 1 });
});

test('[R19] a lost notice costs a command, and its reply, a poll', async () => {
  const [a, b] = await two();
  b.cluster.onCommand(async () => ({ ok: true }));
  for (const { cluster } of [a, b]) cluster.board.heard = () => {};
  let reply: unknown;
  void a.cluster.send(b.cluster.node, { kind: 'x' }, 60_000).then((given) => {
    reply = given;
  });
  await a.until(async () => (await commands(a)).length === 1, 0);
  b.clock.increment(1_000);
  await a.until(async () => (await commands(a))[0]?.reply !== null, 0);
  a.clock.increment(1_000);
  await a.until(() => reply !== undefined, 0);
  assert.deepEqual(reply, { ok: true });
});

test('[R19] whoever waits for a node that goes is told at once', async () => {
  const [a, b] = await two();
  b.cluster.onCommand(() => new Promise(() => {}));
  const reply = a.cluster.send(b.cluster.node, { kind: 'x' }, 60_000);
  await a.until(async () => (await commands(a)).length === 1, 0);
  await b.expire();
  a.clock.increment(1_000);
  assert.equal(await reply, null);
  assert.equal(await a.cluster.send(b.cluster.node, { kind: 'x' }, 60_000), null, 'nor begun');
});

test('[R19] a node under another id does nothing that the one before was asked', async () => {
  const [a, b] = await two();
  let done = 0;
  b.cluster.onCommand(async () => {
    done += 1;
    return {};
  });
  const { node } = b.cluster;
  await b.db.run('UPDATE nodes SET dead = true WHERE id = $1', node);
  await a.db.run("INSERT INTO commands VALUES (gen_random_uuid(), 'a', $1, '{}')", node);
  await b.until(() => b.cluster.node !== node && b.cluster.isMember, 500);
  const before = done;
  const replied = a.cluster.send(b.cluster.node, { kind: 'x' }, 60_000);
  let isOver = false;
  void replied.finally(() => {
    isOver = true;
  });
  await b.until(() => isOver); // its polls are due meanwhile
  assert.deepEqual(await replied, {});
  assert.equal(done - before, 1);
});

test('[R19] a command that takes too long is given up, and one that fails is answered as nothing', async () => {
  const [a, b] = await two();
  b.cluster.onCommand(async ({ kind }) => {
    if (kind === 'throw') throw new Error('as it says');
    return new Promise(() => {});
  });
  assert.equal(await a.cluster.send(b.cluster.node, { kind: 'throw' }, 60_000), null);
  assert.match(String(b.errors), /as it says/);
  const reply = a.cluster.send(b.cluster.node, { kind: 'wait' }, 500);
  a.clock.increment(500);
  assert.equal(await reply, null);
  await a.until(async () => (await commands(a)).length === 0, 0);
});
