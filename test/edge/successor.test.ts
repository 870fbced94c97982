/** A server whose data directory another one holds waits for it, and goes on where that one stopped. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { ServedProcess } from '../support/served-process.ts';
import { Successor } from '../support/successor.ts';

const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';

describe('a server that waits for its data directory', { timeout: 120_000 }, () => {
  let dataDir: string;
  let first: ServedProcess;
  let cookie: string;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'greenroom-successor-'));
    first = await ServedProcess.start(dataDir);
    cookie = await first.cookieFor('alice');
  });
  afterEach(() => {
    ServedProcess.endAll();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const open = (server: ServedProcess) =>
    TestClient.open(server.webSocketUrl, server.origin, cookie);

  /** A client of the first server, in the middle of an answer. */
  async function openStreaming() {
    const client = await open(first);
    const thread = await client.hello();
    const run = client.prompt(thread, 'slow, please');
    await client.find(() => client.text.split(' ').length > 4);
    return { client, thread, run };
  }

  test('[R13] [DA1] [DA2] it is alive and not ready, says for whom it waits, and serves nobody', async () => {
    const next = await Successor.start(dataDir);
    const get = (path: string) => fetch(next.origin + path, { redirect: 'manual' });
    assert.equal((await get('/healthz')).status, 200);
    assert.equal((await get('/health')).status, 200);
    const ready = await get('/readyz');
    assert.equal(ready.status, 503);
    assert.deepEqual(await ready.json(), {
      ...{ ready: false, draining: false, store: 'held', holder: String(first.pid) },
    });
    for (const path of ['/chat/', '/chat/auth/verify', '/elsewhere']) {
      const refused = await get(path);
      assert.equal(refused.status, 503, path);
      assert.equal(refused.headers.get('retry-after'), '2');
      assert.equal(((await refused.json()) as { fault: string }).fault, 'server.restarting');
    }
    const socketUrl = `${next.origin.replace('http', 'ws')}/chat/ws`;
    await assert.rejects(TestClient.open(socketUrl, next.origin, cookie), /refused: 503/);
    assert.equal((await fetch(`${first.origin}/readyz`)).status, 200);
  });

  test('[R23] [DA3] its predecessor finishes an answer and goes; it serves on the same port, and no word is lost', async () => {
    const next = await Successor.start(dataDir);
    const { client, thread, run } = await openStreaming();
    assert.equal(await first.end('SIGTERM'), 0);
    assert.equal((await client.closed).code, 1012);
    assert.equal(client.text, SLOW);

    const second = await next.serving();
    assert.equal(second.origin, next.origin);
    const back = await open(second);
    await back.hello(thread, client.kept.at(-1)?.id ?? null);
    assert.deepEqual(back.kept, [], 'it had all of it');
    await back.hello(thread);
    assert.deepEqual(back.kept, client.kept);
    assert.ok(client.events.some((event) => event.type === 'RUN_FINISHED' && event.runId === run));
    const end = await back.runEnded(back.prompt(thread, 'show markdown'));
    assert.equal(end.type, 'RUN_FINISHED');
    await back.close();
    assert.equal(await second.end('SIGTERM'), 0);
  });

  test('[R1] [R10] [DA3] its predecessor is killed in the middle of an answer: what a client saw is kept, and the conversation goes on', async () => {
    const next = await Successor.start(dataDir);
    const { client, thread } = await openStreaming();
    await first.end('SIGKILL');
    await client.closed;
    const seen = client.kept;
    assert.ok(client.text.length > 0 && client.text.length < SLOW.length);

    const second = await next.serving();
    const back = await open(second);
    await back.hello(thread, seen.at(-1)?.id ?? null);
    const end = await back.event('RUN_ERROR');
    assert.equal(end.code, 'interrupted');
    const whole = await open(second);
    await whole.hello(thread);
    assert.deepEqual(whole.kept, [...seen, ...back.kept], 'each once, in order, unchanged');
    assert.ok(SLOW.startsWith(client.text + back.text));
    const after = await back.runEnded(back.prompt(thread, 'show markdown'));
    assert.equal(after.type, 'RUN_FINISHED');
    await Promise.all([back.close(), whole.close()]);
    assert.equal(await second.end('SIGTERM'), 0);
  });

  test('[DA3] whoever connects while the port goes over is answered', async () => {
    const next = await Successor.start(dataDir);
    const statuses = new Map<number, number>();
    let serves = false;
    const asking = (async () => {
      do {
        const { status } = await fetch(`${next.origin}/chat/login`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      } while (!serves || !statuses.has(200));
    })();
    await first.end('SIGTERM');
    const second = await next.serving();
    serves = true;
    await asking; // a refused connection would have been thrown here
    assert.deepEqual([...statuses.keys()], [503, 200]);
    assert.equal(await second.end('SIGTERM'), 0);
  });

  test('[SI4] a SIGHUP while it waits counts: who was taken from the list does not come in', async () => {
    const file = join(dataDir, 'allowed-users');
    writeFileSync(file, 'alice,bob');
    const bob = await first.cookieFor('bob');
    const next = await Successor.start(dataDir, {
      CHAT_OAUTH_CLIENT_ID: 'greenroom',
      CHAT_OAUTH_CLIENT_SECRET: 'a-secret-of-the-application-32-long',
      CHAT_ALLOWED_USERS_FILE: file,
      CHAT_PUBLIC_URL: 'http://greenroom.test',
      FORGE_URL: 'http://127.0.0.1:1',
    });
    writeFileSync(file, 'alice');
    process.kill(next.pid, 'SIGHUP');
    assert.equal((await fetch(`${next.origin}/healthz`)).status, 200); // it has heard of it
    await first.end('SIGTERM');
    const second = await next.serving();
    const me = async (Cookie: string) =>
      (await fetch(`${next.origin}/chat/api/me`, { headers: { Cookie } })).status;
    assert.deepEqual([await me(cookie), await me(bob)], [200, 401]);
    writeFileSync(file, 'alice,bob');
    process.kill(next.pid, 'SIGHUP');
    await second.logged('read again');
    assert.equal(await me(bob), 401, 'what was ended stays ended');
    assert.equal(await second.end('SIGTERM'), 0);
  });

  test('[R13] [DA3] of two that wait one serves, and the other waits for that one', async () => {
    const waiting = await Promise.all([Successor.start(dataDir), Successor.start(dataDir)]);
    await first.end('SIGKILL');
    const second = await Promise.race(waiting.map((server) => server.serving()));
    const other = waiting.find(({ pid }) => pid !== second.pid);
    assert.ok(other);
    let holder = '';
    while (holder !== String(second.pid)) {
      const ready: Response = await fetch(`${other.origin}/readyz`);
      assert.equal(ready.status, 503);
      ({ holder } = (await ready.json()) as { holder: string });
    }
    assert.equal(await second.end('SIGTERM'), 0);
    const third = await other.serving();
    assert.equal(third.origin, other.origin);
    assert.equal(await third.end('SIGTERM'), 0);
  });

  test('[DA4] told to go while it waits, it exits 0 at once, and the one that serves notices nothing', async () => {
    const next = await Successor.start(dataDir, { CHAT_DRAIN_LEAD_MS: '60000' });
    const { client, run } = await openStreaming();
    assert.equal(await next.end('SIGTERM'), 0);
    assert.equal((await client.runEnded(run)).type, 'RUN_FINISHED');
    assert.equal(client.text, SLOW);
    await client.close();
  });

  test('[R13] [DA1] when the wait is over it exits 1 and names the holder', async () => {
    const late = ServedProcess.spawn(dataDir, { CHAT_DATA_DIR_WAIT_MS: '300' });
    const [words, [code]] = await Promise.all([text(late.stderr), once(late, 'exit')]);
    assert.equal(code, 1);
    assert.match(words, new RegExp(`CHAT_DATA_DIR: .* pid ${first.pid}`));
    assert.equal((await fetch(`${first.origin}/readyz`)).status, 200);
  });
});
