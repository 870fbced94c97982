/** Any server serves any socket: what a client asks for happens where its conversation is, once. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { caddyIsMissing } from '../../support/caddy.ts';
import { TestClient } from '../../support/client.ts';
import { Cluster } from '../../support/cluster/cluster.ts';
import { beginOn } from '../../support/cluster/owned.ts';

const LONG = 'words 500 every 20';
const SHORT = 'words 5 every 10';
const HOUR_MAX = 6;

describe('servers that share conversations', {
  skip: caddyIsMissing() ?? false,
  timeout: 120_000,
}, () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.start({
      env: (dir) => {
        const file = join(dir, 'limits.json');
        writeFileSync(
          file,
          JSON.stringify({ eva: { requestsPerHour: HOUR_MAX }, fay: { runs: 1 } }),
        );
        return { CHAT_LIMITS_FILE: file, CHAT_LOG_LEVEL: 'info' };
      },
    });
  });
  afterEach(() => assert.deepEqual(cluster.troubles.splice(0), []));
  after(() => cluster?.stop());

  const notesOf = (what: string, detail: string) => {
    cluster.agents.look();
    return cluster.agents.notes.filter((note) => note.what === what && note.detail === detail);
  };

  test('[R19] [WA4] a prompt by another server runs at the owner, once, and both see the same', async () => {
    const { sender, watcher, session } = await beginOn(cluster, 'anna', 'bert');
    const run = watcher.prompt(`tag a1 ${SHORT}`);
    await Promise.all([watcher.runEnded(run), sender.runEnded(run)]);
    await sender.until(() => sender.seen.length === watcher.seen.length, 'the same');
    assert.deepEqual(chunksOf(sender.seen), chunksOf(watcher.seen));
    assert.equal(watcher.textOf(run).trim(), 'a1.0 a1.1 a1.2 a1.3 a1.4');
    assert.deepEqual(
      notesOf('prompt', 'a1').map(({ node }) => node),
      ['anna'],
    );
    assert.equal(cluster.agents.lives.filter((life) => life.session === session()).length, 1);
  });

  test('[SE7] each says which one it is, to who asks and in its log', async () => {
    for (const node of cluster.nodes) {
      assert.equal((await node.readyz()).body.node, node.name);
      await node.logged(`"node":"${node.name}","url":`);
    }
  });

  test('[R19] [RU2] the same prompt by all three servers at once is one run', async () => {
    const { sender, watcher, user, threadId } = await beginOn(cluster, 'bert', 'cleo');
    const third = await cluster.tab(user, threadId, [cluster.node('anna')]);
    const runId = randomUUID();
    const tabs = [sender, watcher, third];
    for (const tab of tabs) tab.prompt(`tag a2 ${SHORT}`, runId);
    const faults = await Promise.all(tabs.map((tab) => tab.replyTo(runId)));
    assert.deepEqual(faults, [null, null, null]);
    await Promise.all(tabs.map((tab) => tab.runEnded(runId)));
    assert.equal(notesOf('prompt', 'a2').length, 1);
  });

  test('[R19] [RU4] an abort by another server stops the run', async () => {
    const { sender, watcher } = await beginOn(cluster, 'cleo', 'anna');
    const run = sender.prompt(`tag a3 ${LONG}`);
    await watcher.until(() => watcher.textOf(run).includes('a3.5 '), 'some words');
    assert.equal(await watcher.replyTo(watcher.wish('abort', run)), null);
    const end = await sender.runEnded(run);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  });

  test('[R19] [RU4] a prompt that waits is taken back by another server, and the next one begins', async () => {
    const { sender, watcher } = await beginOn(cluster, 'anna', 'cleo');
    const run = sender.prompt(`tag a4 ${LONG}`);
    await watcher.runStarted(run);
    const waiting = sender.prompt(`tag a5 ${SHORT}`);
    assert.equal(await sender.replyTo(waiting), null);
    assert.equal(await watcher.replyTo(watcher.wish('abort', waiting)), null);
    const last = watcher.prompt(`tag a6 ${SHORT}`);
    assert.equal(await watcher.replyTo(last), null);
    assert.equal(await watcher.replyTo(watcher.wish('abort', run)), null);
    await sender.runEnded(last);
    assert.ok(!sender.runs.has(waiting));
    assert.deepEqual(notesOf('prompt', 'a5'), []);
  });

  test('[R19] [AP3] an approval by another server counts, and of two answers one', async () => {
    const { sender, watcher } = await beginOn(cluster, 'bert', 'anna');
    const run = sender.prompt(`tag a7 ${SHORT} ask`);
    const end = await watcher.runEnded(run);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'interrupt');
    const [question] = end.outcome.interrupts;
    const answers = [watcher, sender].map((tab) => ({
      tab,
      runId: tab.answer(run, question?.id ?? '', true),
    }));
    const faults = await Promise.all(answers.map(({ tab, runId }) => tab.replyTo(runId)));
    assert.deepEqual(faults.toSorted(), ['approval.answered', null].toSorted());
    const { runId } = answers[faults.indexOf(null)] ?? { runId: '' };
    assert.equal((await sender.runEnded(runId)).type, 'RUN_FINISHED');
    assert.equal(notesOf('answer', 'a7:allow').length, 1);
  });

  test('[R25] [R27] of prompts that come by all servers at once exactly as many run as the hour allows; the others wait', async () => {
    const tabs = await Promise.all(
      Array.from({ length: HOUR_MAX * 3 }, (_, i) =>
        cluster.tab('eva', randomUUID(), [cluster.nodes[i % 3] ?? cluster.node('anna')]),
      ),
    );
    const sent = tabs.map((tab, i) => ({ tab, run: tab.prompt(`tag h${i} ${SHORT}`) }));
    await Promise.all(sent.map(({ tab, run }) => tab.replyTo(run)));
    const isParked = ({ tab, run }: (typeof sent)[number]) =>
      tab.direct.some((frame) => frame.type === 'throttled' && frame.runId === run && frame.parked);
    const ran = sent.filter((one) => !isParked(one));
    assert.equal(ran.length, HOUR_MAX);
    await Promise.all(ran.map(({ tab, run }) => tab.runEnded(run)));
    cluster.agents.look();
    const given = cluster.agents.notes.filter(
      ({ what, detail }) => what === 'prompt' && /^h\d+$/.test(detail),
    );
    assert.equal(given.length, HOUR_MAX);
    const late = await cluster.tab('eva', randomUUID(), [cluster.node('cleo')]);
    assert.deepEqual(late.limits?.hour.used, HOUR_MAX);
  });

  test('[R19] [R25] [LI2] [LI3] a prompt parked at one server is taken back by another; one more sends itself when a run of another server ends', async () => {
    const [busy, parked, seenElsewhere] = [randomUUID(), randomUUID(), randomUUID()];
    const [anna, bert, cleo] = cluster.nodes;
    assert.ok(anna && bert && cleo);
    const at = await cluster.tab('fay', busy, [anna]);
    const run = at.prompt(`tag u1 ${LONG}`);
    await at.runStarted(run);
    const second = await cluster.tab('fay', parked, [bert]);
    const back = second.prompt(`tag u2 ${SHORT}`);
    await second.until(
      () => second.direct.some(({ type }) => type === 'throttled'),
      'it is parked',
    );
    const other = await cluster.tab('fay', parked, [cleo]);
    assert.equal(await other.replyTo(other.wish('unpark', back)), null);
    const third = await cluster.tab('fay', seenElsewhere, [cleo]);
    const waits = third.prompt(`tag u3 ${SHORT}`);
    await third.until(() => third.direct.some(({ type }) => type === 'throttled'), 'it is parked');
    assert.equal(await at.replyTo(at.wish('abort', run)), null);
    assert.equal((await third.runEnded(waits)).type, 'RUN_FINISHED');
    assert.deepEqual([notesOf('prompt', 'u2').length, notesOf('prompt', 'u3').length], [0, 1]);
    assert.ok(!other.runs.has(back));
  });

  test('[R37] who signs out everywhere by one server is out on all within a second', async (t) => {
    const cookie = await cluster.cookieFor('gil');
    const { origin } = cluster.edge;
    const clients = await Promise.all(
      cluster.nodes.map((node) => TestClient.open(node.webSocketUrl, origin, cookie)),
    );
    for (const client of clients) await client.hello();
    const began = performance.now();
    const [anna] = cluster.nodes;
    const out = await fetch(`${anna?.origin}/chat/logout?everywhere`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: cookie, Origin: origin },
    });
    assert.equal(out.status, 303);
    const ends = await Promise.all(clients.map(({ closed }) => closed));
    const tookMs = Math.round(performance.now() - began);
    assert.deepEqual(
      ends.map(({ code }) => code),
      [4401, 4401, 4401],
    );
    t.diagnostic(`took ${tookMs} ms, to be within ${1_000}`); // no time is asserted
    for (const node of cluster.nodes)
      await assert.rejects(TestClient.open(node.webSocketUrl, origin, cookie), /refused: 401/);
  });

  const chunksOf = (rows: readonly { id: string; chunk: string }[]) =>
    rows.map(({ id, chunk }) => [id, chunk]);
});
