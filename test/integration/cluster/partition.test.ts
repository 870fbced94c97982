/** A server whose lines go down, in a network namespace of its own: nothing is refused, closed or answered. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { caddyIsMissing } from '../../support/caddy.ts';
import { Cluster, LEASE_MS } from '../../support/cluster/cluster.ts';
import { moment } from '../../support/cluster/moment.ts';
import { NetworkNamespace, namespacesAreMissing } from '../../support/cluster/network-namespace.ts';
import { beginOn } from '../../support/cluster/owned.ts';

const SHORT = 'words 5 every 10';

describe('a server that is cut off', {
  skip: caddyIsMissing() ?? namespacesAreMissing() ?? false,
  timeout: 120_000,
}, () => {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-partition-'));
  let namespace: NetworkNamespace;
  let cluster: Cluster;
  before(async () => {
    namespace = new NetworkNamespace();
    const { databaseHost, host, inside } = namespace;
    const hba = join(dir, 'pg_hba.conf');
    writeFileSync(hba, 'host all all 127.0.0.1/32 trust\nhost all all 10.77.0.0/16 trust\n');
    chmodSync(dir, 0o755); // PostgreSQL is another user's
    cluster = await Cluster.start({
      postgres: { settings: { listen_addresses: `127.0.0.1,${databaseHost}`, hba_file: hba } },
      place: (name, url) =>
        name === 'cleo'
          ? { host, inside, relay: null, databaseUrl: url.replace('127.0.0.1', databaseHost) }
          : {},
    });
  });
  afterEach(async () => {
    for (const line of ['database', 'clients'] as const) namespace.set(line, 'up');
    await cluster.heal();
  });
  after(async () => {
    await cluster?.stop();
    namespace?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('[R16] [R17] [R20] from the database: it stops what it runs before another takes it over, says so, and comes back by itself', async (t) => {
    const { key, session, sender, watcher, owner } = await beginOn(cluster, 'cleo', 'anna');
    const run = sender.prompt('tag n1 words 500 every 20 stubborn');
    await watcher.until(() => watcher.textOf(run).includes('n1.20 '), 'some words');
    const cutAt = moment();
    namespace.set('database', 'down');
    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'interrupted', JSON.stringify(end));
    const tookMs = Math.round(moment() - cutAt);
    t.diagnostic(`took ${tookMs} ms, to be within ${LEASE_MS + 1_000}`); // no time is asserted
    assert.equal((await owner.readyz()).status, 503);
    const next = watcher.prompt(`tag n2 ${SHORT}`);
    assert.equal((await watcher.runEnded(next)).type, 'RUN_FINISHED');
    const [first, second] = cluster.agents.lives.filter((life) => life.session === session());
    assert.ok((first?.to ?? 0) < (second?.from ?? 0), 'one process at a time');

    namespace.set('database', 'up');
    await cluster.ready();
    const journal = await cluster.journal(key);
    for (const tab of [sender, watcher]) {
      await tab.until(() => tab.seen.length === journal.length, 'all of it');
      assert.deepEqual(
        tab.seen.map(({ id, chunk }) => [id, chunk]),
        journal.map(({ id, chunk }) => [id, chunk]),
      );
    }
    const last = sender.prompt(`tag n3 ${SHORT}`);
    assert.equal((await watcher.runEnded(last)).type, 'RUN_FINISHED');
    assert.deepEqual(cluster.troubles.splice(0), []);
  });

  test('[R18] [CL5] from everybody: its clients come back by the edge and lose nothing', async () => {
    const { key, user, threadId, sender, watcher } = await beginOn(cluster, 'cleo', 'bert');
    const tab = await cluster.tab(user, threadId, [cluster.node('cleo'), cluster.node('anna')]);
    const run = sender.prompt('tag n4 words 500 every 20');
    await tab.until(() => tab.textOf(run).includes('n4.20 '), 'some words');
    namespace.set('database', 'down');
    namespace.set('clients', 'down');
    const end = await tab.runEnded(run);
    assert.ok(end.type === 'RUN_ERROR' && end.code === 'interrupted', JSON.stringify(end));
    const next = tab.prompt(`tag n5 ${SHORT}`);
    assert.equal((await tab.runEnded(next)).type, 'RUN_FINISHED');
    namespace.set('database', 'up');
    namespace.set('clients', 'up');
    await cluster.ready();
    const journal = await cluster.journal(key);
    for (const one of [sender, watcher, tab]) {
      await one.until(() => one.seen.at(-1)?.id === journal.at(-1)?.id, 'all of it');
      const start = journal.findIndex(({ id }) => id === one.seen[0]?.id);
      assert.deepEqual(
        one.seen.map(({ id, chunk }) => [id, chunk]),
        journal.slice(start).map(({ id, chunk }) => [id, chunk]),
      );
    }
    assert.deepEqual(cluster.troubles.splice(0), []);
  });
});
