/** `greenroom smoke` against the real Caddy with the Caddyfile that is deployed, and against edges that are set up wrong. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';
import type { Told } from '../../src/cli/findings.ts';
import { smoke } from '../../src/cli/smoke.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { type BehindCaddy, startBehindCaddy } from '../support/behind-caddy.ts';
import { caddyIsMissing, type Edge, freePort } from '../support/caddy.ts';
import { startServer, type TestServer } from '../support/server.ts';

async function checksOf(url: string, cookie?: string) {
  const { text, healthy } = await smoke([url, '--json'], cookie);
  const { checks } = JSON.parse(text) as { checks: Told[] };
  const failed = checks.filter(({ state }) => state === 'fail');
  return { healthy, checks, failed: failed.map(({ name, found }) => `${name}: ${found}`) };
}

describe('smoke through Caddy', { skip: caddyIsMissing() ?? false, timeout: 90_000 }, () => {
  let stand: BehindCaddy;
  let server: TestServer;
  let edge: Edge;
  let url: string;
  let cookie: string;

  before(async () => {
    stand = await startBehindCaddy();
    ({ server, edge } = stand);
    url = `${edge.origin}/chat/`;
    cookie = await server.cookieFor('smoke');
  });
  after(() => stand.stop());

  test('the edge that is deployed passes, and an answer streams and is deleted again', async () => {
    const { healthy, checks, failed } = await checksOf(url, cookie);
    assert.deepEqual(failed, []);
    assert.equal(healthy, true);
    assert.match(
      checks.find(({ name }) => name === 'answer')?.found ?? '',
      /^\d+ frames, the first word after \d+ ms$/,
    );
    const list = await fetch(`${server.origin}/chat/api/conversations`, {
      headers: { Cookie: cookie },
    });
    assert.deepEqual(((await list.json()) as { conversations: unknown[] }).conversations, []);
  });

  test('without a sign-in it checks the rest and says what is missing; a bad one fails', async () => {
    const { text, healthy } = await smoke([url], undefined);
    assert.equal(healthy, true);
    assert.match(text, /No sign-in was given: .*GREENROOM_SMOKE_COOKIE/);
    const bad = await checksOf(url, 'greenroom=wrong');
    assert.ok(bad.failed.some((words) => words.startsWith('sign-in: ')));
    assert.ok(bad.failed.some((words) => words.startsWith('answer: 0 frames')));
  });

  test('a cookie comes from a file or the environment, and what is none is not used', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'greenroom-'));
    const file = join(dir, 'cookie');
    writeFileSync(file, `${cookie}\n`);
    const { text } = await smoke([url, '--json', '--cookie-file', file], undefined);
    assert.match(text, /"as smoke"/);
    rmSync(dir, { recursive: true });
    for (const args of [[], ['chat.example.org'], [edge.origin], [url, url], [url, '--nonsense']])
      await assert.rejects(smoke(args, undefined), UsageError, args.join(' '));
    await assert.rejects(smoke([url], 'a cookie\r\nX: y'), UsageError);
  });
});

/** An edge that passes all on as it comes, but for what `change` makes of an answer's head. */
async function badEdge(
  server: TestServer,
  change: (path: string, status: number, headers: Record<string, unknown>) => number,
) {
  const proxy = createServer((asked, response) => {
    const { url: path = '', method, headers } = asked;
    const options = { port: server.port, host: '127.0.0.1', path, method, headers };
    const passed = request(options, (answer) => {
      const told: Record<string, unknown> = { ...answer.headers };
      const status = change(path, answer.statusCode ?? 0, told);
      response.writeHead(status, told as Record<string, string>);
      answer.pipe(response);
    });
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/chat/`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

describe('smoke of an edge that is set up wrong', { timeout: 60_000 }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  for (const [what, name, change] of [
    ['drops the security headers', 'headers', drop('content-security-policy')],
    ['redirects programs', 'program', status('/chat/api/me', 302)],
    ['hides the login', 'ways in', status('/chat/login', 401)],
    ['redirects WebSockets', 'websocket', status('/chat/ws', 302)],
    ['believes a client', 'identity', status('/chat/api/me', 200)],
    ['cleans paths', 'paths', status('/chat/x/../ws', 200)],
    ['does not know the root', 'root', status('/chat', 404)],
    ['sends page loads nowhere', 'page', status('/chat/', 401)],
  ] as const)
    test(`one that ${what} fails at “${name}”, with a remedy`, async () => {
      await using edge = await badEdge(server, change);
      const { healthy, checks } = await checksOf(edge.url);
      assert.equal(healthy, false);
      const found = checks.find((check) => check.name === name);
      assert.equal(found?.state, 'fail');
      assert.ok(found.mend);
    });

  test('one that is not there fails at everything, and soon', async () => {
    const { healthy, checks } = await checksOf(`http://127.0.0.1:${await freePort()}/chat/`);
    assert.equal(healthy, false);
    assert.ok(checks.filter(({ state }) => state === 'fail').length >= 8);
  });

  test('one that says something else over the WebSocket fails at the answer, and is no bug of ours', async () => {
    for (const said of ['<html>', 'null']) {
      const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      sockets.on('connection', (socket) => socket.send(said));
      await once(sockets, 'listening');
      const { port } = sockets.address() as AddressInfo;
      const { checks } = await checksOf(`http://127.0.0.1:${port}/chat/`, 'greenroom=any');
      const found = checks.find(({ name }) => name === 'answer');
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      assert.equal(found?.state, 'fail');
      assert.match(found?.found ?? '', /no frame of the chat/);
    }
  });
});

function drop(header: string) {
  return (_: string, status: number, headers: Record<string, unknown>) => {
    delete headers[header];
    return status;
  };
}

function status(of: string, instead: number) {
  return (path: string, status: number) => (path === of ? instead : status);
}
