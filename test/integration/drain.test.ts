/** A server that is told to go loses nothing: a real process, watched through each phase of its drain. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { ServedProcess } from '../support/served-process.ts';

/** Short, yet longer than all that a test does in it. */
const LEAD_MS = 1_500;
const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';

describe('a server that drains', { timeout: 120_000 }, () => {
  let dataDir: string;
  let server: ServedProcess;
  let cookie: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'greenroom-drain-'));
  });
  afterEach(() => {
    ServedProcess.endAll();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    server = await ServedProcess.start(dataDir, env);
    cookie = await server.cookieFor('alice');
  }
  const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);

  /** A client in whose conversation an answer has begun. */
  async function openStreaming(text = 'slow, please') {
    const client = await open();
    const thread = await client.hello();
    const run = client.prompt(thread, text);
    await client.event('TEXT_MESSAGE_CONTENT');
    return { client, thread, run };
  }

  async function ready() {
    const response = await fetch(`${server.origin}/readyz`);
    const { draining } = (await response.json()) as { draining: boolean };
    return [response.status, draining];
  }
  const status = async (path: string) =>
    (await fetch(server.origin + path, { headers: { cookie }, redirect: 'manual' })).status;

  test('[R23] [DR1] [DR2] [DR3] [DR4] who waits is told first, idle sockets go next, a running answer is finished, and it exits 0', async () => {
    await start({ CHAT_DRAIN_LEAD_MS: String(LEAD_MS) });
    const idle = await open();
    await idle.hello();
    const { client, run } = await openStreaming();
    assert.deepEqual(await ready(), [200, false]);
    const ended = server.end('SIGTERM');

    const told = await idle.direct('draining');
    assert.ok(told.reconnectAfterMs >= LEAD_MS && told.reconnectAfterMs < LEAD_MS + 1_000);
    assert.ok(told.deadlineMs >= 20_000 + LEAD_MS - 100);
    await client.direct('draining');
    assert.deepEqual(await ready(), [503, true]);
    assert.equal(await status('/healthz'), 200);
    assert.equal(await status('/chat/auth/verify'), 200);
    const late = await open();
    await late.hello();
    const toldLater = await late.direct('draining');
    assert.ok(toldLater.reconnectAfterMs < told.reconnectAfterMs);

    const [idleEnd, lateEnd] = await Promise.all([idle.closed, late.closed]);
    assert.deepEqual([idleEnd.code, lateEnd.code], [1012, 1012]);
    assert.ok(
      !client.events.some(({ type }) => type === 'RUN_FINISHED'),
      'the idle ones went first',
    );
    await assert.rejects(open(), /refused: 503/);
    assert.deepEqual(await ready(), [503, true]);
    assert.equal(await status('/healthz'), 200);
    assert.equal(await status('/chat/auth/verify'), 503);

    const end = await client.runEnded(run);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
    assert.equal(client.text, SLOW);
    assert.equal((await client.closed).code, 1012);
    assert.equal(await ended, 0);
    assert.deepEqual(agentsOf(dataDir), []);
  });

  test('[DR4] a socket closes as its own run ends, while another still runs', async () => {
    await start();
    const first = await openStreaming();
    const second = await open();
    const thread = await second.hello();
    await first.client.find(() => first.client.text.split(' ').length > 8);
    const run = second.prompt(thread, 'slow, please');
    await second.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === run);
    await second.event('RUN_STARTED');
    const ended = server.end('SIGTERM');
    assert.equal((await first.client.closed).code, 1012);
    assert.equal(first.client.text, SLOW);
    assert.ok(!second.events.some(({ type }) => type === 'RUN_FINISHED'));
    assert.equal((await second.closed).code, 1012);
    assert.equal(second.text, SLOW);
    assert.equal(await ended, 0);
  });

  test('[R10] [R61] [DR5] an answer over the limit is cut off as interrupted, its words kept, and the conversation goes on', async () => {
    await start({ CHAT_DRAIN_TURN_MS: '300' });
    const { client, thread } = await openStreaming();
    assert.equal(agentsOf(dataDir).length, 1);
    const ended = server.end('SIGTERM');
    assert.equal((await client.closed).code, 1012);
    assert.equal(await ended, 0);
    assert.deepEqual(agentsOf(dataDir), []);
    const cut = client.events.at(-1);
    assert.ok(cut?.type === 'RUN_ERROR' && cut.code === 'interrupted', JSON.stringify(cut));
    assert.ok(SLOW.startsWith(client.text) && client.text.length < SLOW.length);

    await start();
    const back = await open();
    await back.hello(thread);
    assert.deepEqual(back.kept, client.kept);
    const next = await back.runEnded(back.prompt(thread, 'show markdown'));
    assert.equal(next.type, 'RUN_FINISHED');
    await back.close();
    assert.equal(await server.end('SIGTERM'), 0);
  });

  test('[R11] [DR6] [DR7] a prompt that waits begins on the next server, one that comes too late is refused', async () => {
    await start();
    const { client, thread, run } = await openStreaming();
    const waiting = client.prompt(thread, 'show markdown');
    const replyTo = (ref: string) =>
      client.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === ref);
    await replyTo(waiting);
    const ended = server.end('SIGTERM');
    await client.direct('draining');
    const late = client.prompt(thread, 'hello');
    const reply = await replyTo(late);
    assert.ok('fault' in reply && reply.fault === 'server.restarting');
    assert.equal((await client.closed).code, 1012);
    assert.equal(await ended, 0);
    const last = client.events.at(-1);
    assert.ok(last?.type === 'RUN_FINISHED' && last.runId === run);
    assert.ok(!client.events.some((event) => 'runId' in event && event.runId === waiting));

    await start();
    const back = await open();
    await back.hello(thread, client.kept.at(-1)?.id ?? null);
    assert.equal((await back.runEnded(waiting)).type, 'RUN_FINISHED');
    back.prompt(thread, 'error, please', late);
    assert.equal((await back.runEnded(late)).type, 'RUN_ERROR');
    const starts = back.events.filter(({ type }) => type === 'RUN_STARTED');
    assert.equal(starts.length, 2, 'each began once');
    await back.close();
    assert.equal(await server.end('SIGTERM'), 0);
  });

  test('[DR4] [DR5] [DR6] an approval does not hold the drain, and a running turn can still be aborted', async () => {
    await start();
    const asked = await open();
    const thread = await asked.hello();
    asked.prompt(thread, 'use a tool');
    await asked.event('RUN_FINISHED');
    const { client, run } = await openStreaming();
    const ended = server.end('SIGTERM');
    assert.equal((await asked.closed).code, 1012);
    client.send({ type: 'abort', runId: run });
    const end = await client.runEnded(run);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    assert.equal((await client.closed).code, 1012);
    assert.equal(await ended, 0);

    await start();
    const back = await open();
    await back.hello(thread);
    const last = back.events.at(-1);
    assert.ok(last?.type === 'RUN_ERROR' && last.code === 'interrupted');
    await back.close();
    assert.equal(await server.end('SIGTERM'), 0);
  });

  test('[DR2] with nothing at work, and nobody who asks, an idle page does not hold it up', async () => {
    await start();
    const idle = await open();
    await idle.hello();
    const began = performance.now();
    const code = await server.end('SIGINT');
    assert.ok(performance.now() - began < 1_000, `${performance.now() - began} ms`);
    assert.equal(code, 0);
    assert.equal((await idle.closed).code, 1012);
  });

  test('[DR2] where something asks for readiness, the lead is three seconds unless set', async () => {
    await start();
    const idle = await open();
    await idle.hello();
    await ready();
    const ended = server.end('SIGTERM');
    const { reconnectAfterMs } = await idle.direct('draining');
    assert.ok(reconnectAfterMs > 3_000, String(reconnectAfterMs));
    assert.deepEqual(await Promise.all([server.end('SIGTERM'), ended]), [1, 1]);
  });

  test('[R23] a second signal ends it at once', async () => {
    await start({ CHAT_DRAIN_LEAD_MS: '60000' });
    const { client } = await openStreaming();
    const ended = server.end('SIGTERM');
    await client.direct('draining');
    assert.deepEqual(await Promise.all([server.end('SIGTERM'), ended]), [1, 1]);
    assert.ok(!client.events.some(({ type }) => type === 'RUN_FINISHED'));
  });
});

/** Processes whose home lies in a data directory: agents that its server started. */
function agentsOf(dir: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${dir}`)
      );
    } catch {
      return false;
    }
  });
}
