import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bulletin } from '../../../src/store/postgres/bulletin.ts';
import type { Notice } from '../../../src/store/postgres/notices.ts';
import { PostgresSignIns } from '../../../src/store/postgres/sign-ins.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { TestMember } from '../../support/postgres-cluster.ts';

async function two(): Promise<[TestMember, TestMember]> {
  const url = await (await sharedPostgres()).database();
  return [await TestMember.join(url, 'a'), await TestMember.join(url, 'b')];
}

const grow = ({ db }: TestMember) =>
  db.run('UPDATE places SET head_term = 1, head_seq = head_seq + 1');

test('what a node tells, the others hear, and not itself', async () => {
  const [a, b] = await two();
  const heard: unknown[] = [];
  for (const { cluster } of [a, b])
    cluster.onFact((key, fact) => heard.push([cluster.node, key, fact]));
  a.cluster.tell('u/1', { type: 'promptWithdrawn', runId: 'r\0' });
  await a.until(() => heard.length > 0);
  b.cluster.tell('u/2', { type: 'pendingChanged' });
  await b.until(() => heard.length > 1);
  assert.deepEqual(heard, [
    [b.cluster.node, 'u/1', { type: 'promptWithdrawn', runId: 'r\0' }],
    [a.cluster.node, 'u/2', { type: 'pendingChanged' }],
  ]);
});

test('notices that come together go together, in payloads that fit, each once', async () => {
  const sent: string[] = [];
  const timers: (() => void)[] = [];
  const run = async (_: string, payload: unknown) => sent.push(String(payload));
  const setTimeout = (fn: () => void) => timers.push(fn);
  const mine = new Bulletin({ db: { run }, clock: { setTimeout }, onHeard: () => assert.fail() });
  const heard: Notice[] = [];
  const theirs = new Bulletin({
    ...{ db: { run }, clock: { setTimeout } },
    onHeard: (notice) => heard.push(notice),
  });
  const next = async () => {
    timers.shift()?.();
    await new Promise(setImmediate);
  };
  mine.tell(['command', 'first']);
  for (let i = 0; i < 300; i += 1) mine.tell(['appended', `ü/${i % 150}-${'x'.repeat(100)}`]);
  mine.tell(['revoked', 'y'.repeat(8_000)]);
  assert.equal(sent.length, 1, 'the first does not wait');
  while (timers.length > 0 || sent.length < 2) await next();
  for (const payload of sent) assert.ok(Buffer.byteLength(payload) <= 7_900);
  for (const payload of sent) mine.heard(payload);
  for (const payload of [...sent, 'another program’s', '{}']) theirs.heard(payload);
  assert.deepEqual(heard[0], ['command', 'first']);
  assert.equal(heard.length, 151);
  assert.equal(sent.length, 4);
});

test('[R22] rows that nobody told of are noticed by asking, within a second', async () => {
  const [a, b] = await two();
  await a.own('u/t');
  const heard: string[] = [];
  b.cluster.board.on('appended', (key) => heard.push(key));
  const end = b.cluster.watch('u/t');
  await b.until(() => heard.length === 1); // at first it may have missed something
  await grow(a);
  b.clock.increment(1_000);
  await b.until(() => heard.length === 2, 0);
  end();
  await b.until(async () => (await b.db.all('SELECT 1 FROM watches')).length === 0);
  assert.deepEqual(heard, ['u/t', 'u/t']);
});

test('[R22] a connection that broke comes back, and what was told meanwhile is noticed', async () => {
  const [a, b] = await two();
  await a.own('u/t');
  let [appended, resumed] = [0, 0];
  b.cluster.board.on('appended', () => {
    appended += 1;
  });
  b.cluster.onResumed(() => {
    resumed += 1;
  });
  b.cluster.watch('u/t');
  await b.until(() => appended === 1);
  await b.cutLine();
  await grow(a);
  await b.until(() => resumed === 1 && appended === 2);
});

test('a conversation is watched once however many do, until the last ends', async () => {
  const [a, b] = await two();
  const rows = async () => (await a.db.all('SELECT node FROM watches')).map(({ node }) => node);
  const ends = [b.cluster.watch('u/t'), b.cluster.watch('u/t')];
  await a.own('u/t'); // it is watched before it exists
  await b.until(async () => (await rows()).length === 1);
  assert.deepEqual(await rows(), [b.cluster.node]);
  ends[0]?.();
  ends[0]?.();
  const before = b.cluster.node;
  await a.db.run('UPDATE nodes SET dead = true WHERE id = $1', before);
  await b.until(async () => b.cluster.node !== before && (await rows())[0] === b.cluster.node);
  assert.deepEqual(await rows(), [b.cluster.node], 'under its new id alone');
  ends[1]?.();
  await b.until(async () => (await rows()).length === 0);
});

test('[R37] a revocation that nobody told of is known to every node within a second', async () => {
  const [a, b] = await two();
  const heard: string[] = [];
  b.cluster.board.on('revoked', (idHash) => heard.push(idHash));
  await a.db.run("INSERT INTO revocations VALUES ('h')");
  b.clock.increment(1_000);
  await b.until(() => heard.length === 1, 0);
  await b.cutLine();
  await a.db.run("INSERT INTO revocations VALUES ('while it was cut off')");
  await b.until(() => heard.length === 2);
  assert.deepEqual(heard, ['h', 'while it was cut off']);
});

test('[R36] the new end of a sign-in is known on every node', async () => {
  const [a, b] = await two();
  const heard: unknown[] = [];
  b.cluster.board.on('extended', (...told) => heard.push(told));
  const { db, cluster } = a;
  const signIns = new PostgresSignIns({ db, board: cluster.board });
  const times = { createdAt: 1, usedAt: 1, expiresAt: 100, maxAt: 200 };
  await signIns.putSignIn({ idHash: 'h', user: 'u', device: '', ...times });
  await signIns.extendSignIn('h', 150, 50);
  await b.until(() => heard.length === 1, 0);
  assert.deepEqual(heard, [['h', 150]]);
});

test('the other living nodes are known, and the prompt that is parked, and whose it is', async () => {
  const [a, b] = await two();
  await a.own('u/t');
  assert.deepEqual(await a.cluster.others(), [b.cluster.node]);
  assert.equal(await b.cluster.parkedIn('u/t'), null);
  await a.db.run(
    `INSERT INTO runs (user_name, run_id, conversation, digest, text_json, accepted, parked, node)
       SELECT 'u', 'r', id, 'd', '"hi"', 1, true, $1 FROM conversations`,
    a.cluster.node,
  );
  assert.equal((await b.cluster.parkedIn('u/t'))?.runId, 'r');
  await b.cluster.claim('u/t', 'r');
  assert.deepEqual(await a.db.all('SELECT node FROM runs'), [{ node: b.cluster.node }]);
  await b.expire();
  assert.deepEqual(await a.cluster.others(), []);
});

test('what goes on is seen by other nodes, as long as its owner lives and owns it', async () => {
  const [a, b] = await two();
  const lease = await a.own('u/t', 3);
  const state = { activity: 'running', heardAt: 5, pending: [] } as const;
  const seen = { ...state, liveRunId: null };
  await a.cluster.setLive({ ...lease, term: 2 }, state);
  await b.cluster.setLive(lease, state);
  assert.deepEqual(await b.cluster.liveOf(['u/t']), new Map(), 'neither had the right');
  await a.cluster.setLive(lease, state);
  assert.deepEqual(await b.cluster.liveOf(['u/t', 'u/none']), new Map([['u/t', seen]]));
  assert.deepEqual(await a.cluster.liveOf(['u/t']), new Map(), 'its own');
  await a.db.run(
    `INSERT INTO runs (user_name, run_id, conversation, digest, text_json, accepted, started, node)
       SELECT 'u', 'r', id, '', '""', 1, true, 'n' FROM conversations WHERE key = 'u/t'`,
  );
  const live = (await b.cluster.liveOf(['u/t'])).get('u/t');
  assert.equal(live?.liveRunId, 'r', 'as the journal has it');
  await b.own('u/t', 4);
  assert.deepEqual(await a.cluster.liveOf(['u/t']), new Map(), 'the last owner said it');
  await a.own('u/t', 3);
  await a.expire();
  assert.deepEqual(await b.cluster.liveOf(['u/t']), new Map());
});

test('a transcript is what its pieces are together, and the owner alone adds to it', async () => {
  const [a, b] = await two();
  const lease = await a.own('u/t');
  const text = async () => {
    const kept = await b.cluster.transcript(lease.sessionId);
    return kept && Buffer.from(kept).toString();
  };
  const keep = ({ cluster }: TestMember, at: number, data: string) =>
    cluster.keepTranscript(lease, at, Buffer.from(data));
  assert.equal(await text(), null);
  await keep(a, 0, 'hello ');
  await keep(a, 6, 'world');
  await keep(b, 11, '!');
  assert.equal(await text(), 'hello world');
  await keep(a, 3, 'p');
  assert.equal(await text(), 'help');
  await assert.rejects(keep(a, 5, '?'), /whose beginning is not/);
  assert.equal(await text(), 'help');
  await keep(a, 0, '');
  assert.equal(await text(), null);
});

test('a transcript of many small pieces is made one, and large ones are left', async () => {
  const [a] = await two();
  const lease = await a.own('u/t');
  const large = Buffer.alloc(256 * 1024, 'L');
  await a.cluster.keepTranscript(lease, 0, large);
  for (let i = 0; i < 65; i += 1)
    await a.cluster.keepTranscript(lease, large.length + i, Buffer.from([i]));
  const pieces = await a.db.all('SELECT at, length(data) AS size FROM transcripts ORDER BY at');
  assert.deepEqual(pieces, [
    { at: 0, size: large.length },
    { at: large.length, size: 65 },
  ]);
  const kept = await a.cluster.transcript(lease.sessionId);
  const small = Buffer.from(Array.from({ length: 65 }, (_, i) => i));
  assert.deepEqual(kept && Buffer.from(kept), Buffer.concat([large, small]));
});
