/** One server at a time has a conversation, and another takes it over where that one dies, freezes or goes. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { caddyIsMissing } from '../../support/caddy.ts';
import { Cluster, LEASE_MS } from '../../support/cluster/cluster.ts';
import { moment } from '../../support/cluster/moment.ts';
import { beginOn } from '../../support/cluster/owned.ts';

/** Longer than anything that is done meanwhile. */
const LONG = 'words 500 every 20';
const SHORT = 'words 5 every 10';

describe('a conversation and its owner', {
  skip: caddyIsMissing() ?? false,
  timeout: 120_000,
}, () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.start();
  });
  afterEach(async () => {
    await cluster.heal();
    assert.deepEqual(cluster.troubles.splice(0), []);
  });
  after(() => cluster?.stop());

  test('[R10] [R11] [R18] its owner is killed: another ends the run and begins the prompt that waits, within the lease and a second', async (t) => {
    const { key, session, watcher, sender, owner } = await beginOn(cluster, 'anna', 'bert');
    const run = sender.prompt(`tag k1 ${LONG}`);
    const waiting = sender.prompt(`tag k2 ${SHORT}`);
    assert.equal(await sender.replyTo(waiting), null);
    await watcher.until(() => watcher.textOf(run).includes('k1.20 '), 'some words');
    const killedAt = moment();
    await owner.end('SIGKILL');

    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'interrupted', JSON.stringify(end));
    const endedAt = watcher.seen.at(-1)?.at ?? 0;
    const tookMs = Math.round(endedAt - killedAt);
    t.diagnostic(`took ${tookMs} ms, to be within ${LEASE_MS + 1_000}`); // no time is asserted
    assert.equal((await watcher.runEnded(waiting)).type, 'RUN_FINISHED');
    assert.equal(watcher.textOf(waiting).trim(), 'k2.0 k2.1 k2.2 k2.3 k2.4');
    assert.notEqual(await cluster.ownerOf(key), 'anna');
    const lives = cluster.agents.lives.filter((life) => life.session === session());
    const [first, second] = lives;
    assert.equal(lives.length, 2, JSON.stringify(cluster.agents.notes));
    assert.ok((first?.to ?? 0) < (second?.from ?? 0));
    await owner.start();
  });

  test('[R16] [R17] its owner is frozen: a process that heeds no signal ends within the lease, another takes over, and who wakes appends nothing', async (t) => {
    const { key, session, watcher, sender, owner } = await beginOn(cluster, 'bert', 'cleo');
    const run = sender.prompt(`tag f1 ${LONG} stubborn`);
    await watcher.until(() => watcher.textOf(run).includes('f1.20 '), 'some words');
    const frozenAt = moment();
    owner.signal('SIGSTOP');

    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'interrupted', JSON.stringify(end));
    const rows = watcher.seen.length;
    const next = watcher.prompt(`tag f2 ${SHORT}`);
    assert.equal((await watcher.runEnded(next)).type, 'RUN_FINISHED');
    const [first, second] = cluster.agents.lives.filter((life) => life.session === session());
    const livedMs = Math.round((first?.to ?? 0) - frozenAt);
    t.diagnostic(`lived ${livedMs} ms, to be within ${LEASE_MS}`); // no time is asserted
    assert.ok((first?.to ?? 0) < (second?.from ?? 0), 'and before its successor began');

    owner.signal('SIGCONT');
    await cluster.ready();
    await sender.until(() => sender.seen.length === watcher.seen.length, 'all of it');
    assert.deepEqual(chunksOf(sender.seen), chunksOf(watcher.seen));
    const journal = await cluster.journal(key);
    assert.deepEqual(chunksOf(journal), chunksOf(watcher.seen));
    assert.ok(
      !journal.slice(rows).some(({ chunk }) => chunk.includes('f1.')),
      'nothing of the old run came after its end',
    );
  });

  test('[R11] [RU2] its owner is frozen, and at another server two prompts wait for its end, and the socket of one breaks: both are answered, and run', async () => {
    const { user, threadId, watcher, owner, other } = await beginOn(cluster, 'anna', 'bert');
    const another = await cluster.tab(user, threadId, [other]);
    owner.signal('SIGSTOP');
    const first = watcher.prompt(`tag w1 ${SHORT}`);
    await watcher.replyTo(watcher.wish('abort', 'nothing')); // what was sent before has been read
    const second = another.prompt(`tag w2 ${SHORT}`);
    await another.replyTo(another.wish('abort', 'nothing'));
    another.drop();
    assert.deepEqual([await watcher.replyTo(first), await another.replyTo(second)], [null, null]);
    assert.equal((await another.runEnded(second)).type, 'RUN_FINISHED');
    owner.signal('SIGCONT');
  });

  test('[R18] what was said before its owner was killed is known to the process on the next', async () => {
    const { session, watcher, sender, owner } = await beginOn(cluster, 'cleo', 'anna');
    for (const tag of ['m1', 'm2']) await sender.runEnded(sender.prompt(`tag ${tag} ${SHORT}`));
    await watcher.until(() => watcher.runs.size === 3, 'both runs');
    await owner.end('SIGKILL');
    assert.equal((await watcher.runEnded(watcher.prompt(`tag m3 ${SHORT}`))).type, 'RUN_FINISHED');
    const starts = cluster.agents.notes.filter(
      (note) => note.session === session() && note.what === 'start',
    );
    assert.deepEqual(
      starts.map(({ detail }) => detail),
      ['-', '3'],
    );
    await owner.start();
  });

  test('[R23] its owner drains: the answer is finished there, its client comes back by the edge and goes on elsewhere, without waiting for the lease', async (t) => {
    const threadId = randomUUID();
    const tab = await cluster.tab('dot', threadId);
    const run = tab.prompt('tag d1 words 60 every 40');
    await tab.until(() => tab.textOf(run).includes('d1.10 '), 'some words');
    const owner = cluster.node((await cluster.ownerOf(`dot/${threadId}`)) ?? '');
    const ended = owner.end('SIGTERM');
    const end = await tab.runEnded(run);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success', JSON.stringify(end));
    assert.ok(tab.textOf(run).trim().endsWith('d1.59'));
    assert.equal(await ended, 0);
    const goneAt = moment();
    const next = tab.prompt(`tag d2 ${SHORT}`);
    await tab.runStarted(next);
    const tookMs = Math.round(moment() - goneAt);
    t.diagnostic(`took ${tookMs} ms, to be within ${LEASE_MS}`); // no time is asserted
    assert.equal((await tab.runEnded(next)).type, 'RUN_FINISHED');
    assert.notEqual(await cluster.ownerOf(`dot/${threadId}`), owner.name);
    const note = cluster.agents.notes.findLast(({ what }) => what === 'start');
    assert.equal(note?.detail, '1', 'and knows what was said');
    await owner.start();
  });

  const chunksOf = (rows: readonly { id: string; chunk: string }[]) =>
    rows.map(({ id, chunk }) => [id, chunk]);
});
