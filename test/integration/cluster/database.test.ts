/** The database goes, is slow, or comes back: nothing new begins, nothing is lost, and nothing is doubled. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { caddyIsMissing } from '../../support/caddy.ts';
import { TestClient } from '../../support/client.ts';
import { Cluster, LEASE_MS } from '../../support/cluster/cluster.ts';
import { moment } from '../../support/cluster/moment.ts';
import { beginOn } from '../../support/cluster/owned.ts';
import type { Tab } from '../../support/cluster/tab.ts';

const SHORT = 'words 5 every 10';

describe('servers whose database is in trouble', {
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

  const all = (tag: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${tag}.${i}`).join(' ');
  async function seeTheSame(key: string, ...tabs: Tab[]) {
    const journal = await cluster.journal(key);
    const expected = journal.map(({ id, chunk }) => [id, chunk]);
    for (const tab of tabs) {
      await tab.until(() => tab.seen.length === journal.length, 'all of it');
      assert.deepEqual(
        tab.seen.map(({ id, chunk }) => [id, chunk]),
        expected,
      );
    }
  }

  test('[R21] it is restarted: a run goes on, and no word is lost or doubled', async () => {
    const { key, sender, watcher } = await beginOn(cluster, 'anna', 'bert');
    const run = sender.prompt('tag t1 words 120 every 20');
    await watcher.until(() => watcher.textOf(run).includes('t1.20 '), 'some words');
    await cluster.postgres.end('SIGINT');
    await cluster.postgres.resume();
    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success', JSON.stringify(end));
    assert.equal(watcher.textOf(run).trim(), all('t1', 120));
    await seeTheSame(key, sender, watcher);
  });

  test('[R21] it is killed in the middle of appends: a run goes on, and no word is lost or doubled', async () => {
    const { key, sender, watcher } = await beginOn(cluster, 'bert', 'cleo');
    const run = sender.prompt('tag t2 words 120 every 20');
    await watcher.until(() => watcher.textOf(run).includes('t2.20 '), 'some words');
    await cluster.postgres.end('SIGKILL');
    await cluster.postgres.resume();
    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success', JSON.stringify(end));
    assert.equal(watcher.textOf(run).trim(), all('t2', 120));
    await seeTheSame(key, sender, watcher);
  });

  test('[R21] it freezes for less than half a lease: nobody notices but by the wait', async () => {
    const { key, sender, watcher } = await beginOn(cluster, 'cleo', 'anna');
    const run = sender.prompt('tag t3 words 100 every 20');
    await watcher.until(() => watcher.textOf(run).includes('t3.20 '), 'some words');
    cluster.postgres.freeze();
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 4));
    cluster.postgres.thaw();
    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success', JSON.stringify(end));
    assert.equal(watcher.textOf(run).trim(), all('t3', 100));
    await seeTheSame(key, sender, watcher);
  });

  test('[R20] [R21] it is down for longer: no server is ready, who sends a prompt is told why it is not taken, what runs stops within half a lease; then all goes on', async (t) => {
    const { key, user, threadId, sender, watcher, session } = await beginOn(
      cluster,
      'anna',
      'bert',
    );
    const run = sender.prompt('tag t4 words 2000 every 20');
    await watcher.until(() => watcher.textOf(run).includes('t4.20 '), 'some words');
    const cookie = await cluster.cookieFor(user);
    const bert = cluster.node('bert');
    const client = await TestClient.open(bert.webSocketUrl, cluster.edge.origin, cookie);
    await client.hello(threadId);
    const stoppedAt = moment();
    await cluster.postgres.end('SIGINT');

    const refused = client.prompt(threadId, `tag t5 ${SHORT}`);
    assert.equal((await client.closed).code, 1013);
    const told = client.frames.findLast((frame) => 'type' in frame && frame.type === 'fault');
    assert.ok(told && 'code' in told && told.code === 'store.unavailable', JSON.stringify(told));
    const lives = () => cluster.agents.living().filter((life) => life.session === session());
    while (lives().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const livedMs = Math.round(moment() - stoppedAt);
    t.diagnostic(`lived ${livedMs} ms, to be within ${LEASE_MS}`); // no time is asserted
    for (const node of cluster.nodes) assert.equal((await node.readyz()).status, 503, node.name);

    await cluster.postgres.resume();
    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'interrupted', JSON.stringify(end));
    const again = watcher.prompt(`tag t5 ${SHORT}`, refused);
    assert.equal((await watcher.runEnded(again)).type, 'RUN_FINISHED');
    await seeTheSame(key, sender, watcher);
    const given = cluster.agents.notes.filter(
      ({ what, detail }) => what === 'prompt' && detail === 't5',
    );
    assert.equal(given.length, 1);
  });

  test('[R22] where every notice is lost, a server sees what another appends within a second, and commands reach it', async (t) => {
    await cluster.loseNotices(true);
    const { sender, watcher } = await beginOn(cluster, 'cleo', 'bert');
    const run = sender.prompt(`tag t6 words 200 every 20`);
    await sender.until(() => sender.textOf(run).includes('t6.20 '), 'some words');
    const saidAt = moment();
    await watcher.until(() => watcher.textOf(run).includes('t6.20 '), 'the same words');
    const tookMs = Math.round(moment() - saidAt);
    t.diagnostic(`took ${tookMs} ms, to be within ${1_000}`); // no time is asserted
    assert.equal(await watcher.replyTo(watcher.wish('abort', run)), null);
    const end = await watcher.runEnded(run);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    await cluster.loseNotices(false);
  });
});
