/** A deployment through its edge: who is let in, and what a page loses when a server goes. */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { caddyIsMissing } from '../support/caddy.ts';
import { TestClient } from '../support/client.ts';
import { Deployment } from '../support/deployment.ts';
import type { RenderedEdge } from '../support/rendered-edge.ts';
import type { ServedProcess } from '../support/served-process.ts';

const SLOW =
  'This answer takes its time, so that you can stop it, reload the page, or cut the line.';
/** As a client's own backoff: Caddy itself holds a try for as long as no server is ready. */
const RETRY_MS = 100;

describe('a deployment', { skip: caddyIsMissing() ?? false, timeout: 120_000 }, () => {
  let deployment: Deployment;
  let edge: RenderedEdge;
  let first: ServedProcess;
  let cookie: string;

  beforeEach(async () => {
    deployment = await Deployment.start();
    ({ edge, first } = deployment);
    cookie = await deployment.cookieFor('alice');
  });
  afterEach(() => deployment.stop());

  const open = () => TestClient.open(edge.webSocketUrl, edge.origin, cookie);

  async function openStreaming() {
    const client = await open();
    const thread = await client.hello();
    const run = client.prompt(thread, 'slow, please');
    await client.find(() => client.text.split(' ').length > 4);
    return { client, thread, run };
  }

  /** Comes back as a page does: again and again, to where it was. */
  async function resume(thread: string, lost: TestClient): Promise<TestClient> {
    for (;;) {
      try {
        const client = await open();
        await client.hello(thread, lost.kept.at(-1)?.id ?? null);
        return client;
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  /** Every frame of the conversation, as somebody gets it who was never there. */
  async function whole(thread: string) {
    const client = await open();
    await client.hello(thread);
    await client.close();
    return client.kept;
  }

  /** The path as it is written, with the headers of a WebSocket. Resolves to 101 where it is let in. */
  async function upgrade(path: string, headers: OutgoingHttpHeaders): Promise<number> {
    const request = httpsRequest({
      ...{ host: 'localhost', port: edge.port, path, agent: false },
      headers: {
        ...{ Connection: 'Upgrade', Upgrade: 'websocket', Origin: edge.origin, ...headers },
        ...{ 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      },
    });
    const answered = new Promise<number>((resolve, reject) => {
      request.on('response', (response) => resolve(response.statusCode ?? 0));
      request.on('upgrade', () => resolve(101));
      request.on('error', reject);
    });
    request.end();
    const status = await answered;
    request.destroy();
    return status;
  }

  test('[R36] [R42] [R44] through TLS: who is let in, by which path, and as whom', async () => {
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(edge.origin + path, { headers, redirect: 'manual' });
    assert.equal((await get('/chat/api/me', { Cookie: cookie })).status, 200);
    const spoofed = { Cookie: cookie, 'X-Forwarded-User': 'root', X_Forwarded_User: 'root' };
    const me = await (await get('/chat/api/me', spoofed)).json();
    assert.equal((me as { user: string }).user, 'alice');
    assert.equal((await get('/chat/api/me', { 'X-Forwarded-User': 'alice' })).status, 401);

    const expired = await deployment.cookieFor('alice', 1);
    const [name = '', signed = ''] = cookie.split('=');
    const forged = `${name}=${signed.startsWith('A') ? 'B' : 'A'}${signed.slice(1)}`;
    assert.equal(await upgrade('/chat/ws', { Cookie: cookie }), 101);
    for (const [why, headers, status] of [
      ['no cookie', {}, 401],
      ['no cookie, a name', { 'X-Forwarded-User': 'alice' }, 401],
      ['an expired one', { Cookie: expired }, 401],
      ['a forged one', { Cookie: forged }, 401],
      ['another page', { Cookie: cookie, Origin: 'https://evil.example' }, 403],
      ['no page', { Cookie: cookie, Origin: 'null' }, 403],
      ['the name taken away', { Cookie: cookie, Connection: 'Upgrade, X-Forwarded-User' }, 101],
      ['the cookie taken away', { Cookie: cookie, Connection: 'Upgrade, Cookie' }, 401],
    ] as const)
      assert.equal(await upgrade('/chat/ws', headers), status, why);

    // Caddy cleans and decodes a path before it looks, and passes it on as it came.
    for (const path of [
      ...['/chat/x/../ws', '/chat/%77s', '/chat/%2e%2e/chat/ws', '/chat/ws/', '/chat/ws%2f'],
      ...['/CHAT/ws', '/chat/WS', '//chat/ws', '/chat//ws', '/chat/./ws', '/chat/login/../ws'],
      ...['/chat/x/../login', '/chat/ws%00', '/chat/ws;x', '/chat/oauth/callback/../../ws'],
    ]) {
      for (const headers of [{}, { Cookie: cookie }]) {
        const status = await upgrade(path, headers);
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
      }
    }
    for (const path of [
      '/chat/login/../api/me',
      '/chat/login%2f..%2fapi/me',
      '/chat/LOGIN/../api/me',
    ])
      assert.ok((await upgrade(path, { Connection: 'close' })) >= 400, path);
  });

  test('an answer streams through TLS while the successor gets nobody', async () => {
    const client = await open();
    const thread = await client.hello();
    const end = await client.runEnded(client.prompt(thread, 'show markdown'));
    assert.equal(end.type, 'RUN_FINISHED');
    assert.ok(client.kept.length > 20, 'in many frames');
    for (let i = 0; i < 10; i++)
      assert.equal((await fetch(`${edge.origin}/chat/login`)).status, 200);
    await client.close();
  });

  test('[R4] [R9] a reload in the middle of an answer costs no word', async () => {
    const { client, thread, run } = await openStreaming();
    edge.rewrite([deployment.port]); // as when the successor has gone
    edge.reload();
    const how = await client.closed;
    assert.equal(how.code, 1001, 'the Caddy of this machine closes them all at once');
    const back = await resume(thread, client);
    await back.runEnded(run).catch(() => back.direct('caughtUp'));
    assert.equal(client.text + back.text, SLOW);
    assert.deepEqual(await whole(thread), [...client.kept, ...back.kept]);
    await back.close();
  });

  test('[R23] told to go in the middle of an answer, the server finishes it, and the successor goes on', async () => {
    const { client, thread, run } = await openStreaming();
    const ended = first.end('SIGTERM');
    assert.equal((await client.closed).code, 1012);
    assert.equal(client.text, SLOW);
    assert.ok(client.events.some((event) => event.type === 'RUN_FINISHED' && event.runId === run));
    assert.equal(await ended, 0);
    const back = await resume(thread, client);
    assert.deepEqual(back.kept, []);
    assert.deepEqual(await whole(thread), client.kept);
    const after = await back.runEnded(back.prompt(thread, 'show markdown'));
    assert.equal(after.type, 'RUN_FINISHED');
    await back.close();
  });

  test('[R1] [R10] killed in the middle of an answer, nothing that was seen is lost, and the successor goes on', async () => {
    const { client, thread } = await openStreaming();
    await first.end('SIGKILL');
    await client.closed;
    const back = await resume(thread, client);
    const cut = await back.event('RUN_ERROR');
    assert.equal(cut.code, 'interrupted');
    assert.ok(client.text.length > 0 && SLOW.startsWith(client.text + back.text));
    assert.deepEqual(await whole(thread), [...client.kept, ...back.kept]);
    const after = await back.runEnded(back.prompt(thread, 'show markdown'));
    assert.equal(after.type, 'RUN_FINISHED');
    await back.close();
  });
});
