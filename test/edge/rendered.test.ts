/** What the edge's job renders: valid for any number of instances, and what the real Caddy makes of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type Server,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { caddyIsMissing, EDGE_SECRET } from '../support/caddy.ts';
import { RenderedEdge } from '../support/rendered-edge.ts';

const missing = caddyIsMissing() ?? false;

describe('what the edge’s job renders', { skip: missing, timeout: 60_000 }, () => {
  for (const instances of [[], [4001], [4001, 4002], [4001, 4002, 4003]]) {
    test(`with ${instances.length} instances of the chat it is valid, and names each for every request`, async () => {
      const edge = await RenderedEdge.render(instances);
      try {
        const pools = [...edge.adapted().matchAll(/"upstreams":(\[[^\]]*\])/g)].map(([, list]) =>
          (JSON.parse(list ?? '') as { dial: string }[]).map(({ dial }) => dial),
        );
        const all = instances.map((port) => `127.0.0.1:${port}`);
        const expected = all.length > 0 ? all : ['127.0.0.1:1'];
        assert.deepEqual(pools, [expected, expected, expected], 'open paths, verify, all else');
      } finally {
        await edge.stop();
      }
    });
  }

  test('with all that the replaced edge served it is valid, whether these have instances or not', async () => {
    const edge = await RenderedEdge.render([4001], {
      ...{ root: '/forge/', forge_service: 'forgejo', ci_service: 'woodpecker' },
      ...{ staging_service: 'staging', voice_upstream: '127.0.0.1:8090' },
      engagement_upstream: '127.0.0.1:8095',
    });
    try {
      edge.rewrite([4001], { forgejo: [3000], woodpecker: [8000, 8001], staging: [] });
      const config = edge.adapted();
      for (const dial of ['3000', '8000', '8001', '8090', '8095'])
        assert.ok(config.includes(`"dial":"127.0.0.1:${dial}"`), dial);
      assert.ok(config.includes('"Location":["/forge/"]'));
      for (const path of ['/forge/*', '/ci/*', '/staging/*', '/voice/*', '/api/engagement'])
        assert.ok(config.includes(`"path":["${path}"]`), path);
      assert.equal(config.match(/auth\/verify/g)?.length, 2, 'the chat’s and the voice’s');
    } finally {
      await edge.stop();
    }
  });

  test('under another base path nothing of the chat is left under /chat', async () => {
    const edge = await RenderedEdge.render([4001], { base_path: '/talk' });
    try {
      const config = edge.adapted();
      assert.ok(config.includes('"path":["/talk/login","/talk/oauth/callback"]'));
      assert.ok(config.includes('/talk/auth/verify'));
      assert.doesNotMatch(config, /"\/chat/);
    } finally {
      await edge.stop();
    }
  });

  test('the edge’s secret is in no configuration that Caddy keeps', async () => {
    const edge = await RenderedEdge.render([4001]);
    try {
      const config = edge.adapted();
      assert.ok(config.includes('{env.FORWARD_AUTH_SECRET}'));
      assert.ok(!config.includes(EDGE_SECRET));
    } finally {
      await edge.stop();
    }
  });
});

interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

describe('what reaches a server through the edge', { skip: missing, timeout: 60_000 }, () => {
  let upstream: Server;
  let edge: RenderedEdge;
  /** What the verifier answers with; null: no name. */
  let user: string | null;
  let seen: Seen[] = [];

  before(async () => {
    upstream = createServer((request, response) => {
      const path = request.url ?? '';
      if (path !== '/readyz') seen.push({ path, headers: request.headers });
      if (path === '/chat/auth/verify' && user !== null)
        response.setHeader('X-Forwarded-User', user);
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    edge = await (await RenderedEdge.render([port], {}, { CHAT_EDGE_PATIENCE: '1s' })).start();
  });
  beforeEach(() => {
    seen = [];
    user = 'alice';
  });
  after(async () => {
    await edge.stop();
    upstream.close();
    upstream.closeAllConnections();
  });

  /** The request after the verifier's, as the server got it. */
  async function main(path: string, headers: OutgoingHttpHeaders): Promise<Seen> {
    await statusOf(edge, path, headers);
    const last = seen.at(-1);
    assert.ok(last);
    return last;
  }

  const SPOOFED = {
    'X-Forwarded-User': 'root',
    'X-Forward-Auth-Secret': 'a guess',
    'X-Forwarded-Uri': '/elsewhere',
    'X-Forwarded-Method': 'DELETE',
  };

  test('[R44] a client’s own name, secret and path are replaced by the edge’s', async () => {
    const { headers } = await main('/chat/api/me', SPOOFED);
    assert.equal(headers['x-forwarded-user'], 'alice');
    assert.equal(headers['x-forward-auth-secret'], EDGE_SECRET);
    assert.equal(headers['x-forwarded-uri'], undefined);
    assert.equal(headers['x-forwarded-method'], undefined);
    const asked = seen[0];
    assert.equal(asked?.path, '/chat/auth/verify');
    assert.equal(asked?.headers['x-forwarded-user'], undefined);
    assert.equal(asked?.headers['x-forwarded-uri'], '/chat/api/me');
    assert.equal(asked?.headers['x-forwarded-method'], 'GET');
  });

  test('[R44] “Connection: X-Forwarded-User” does not take the name away', async () => {
    const hop = 'close, X-Forwarded-User, X-Forward-Auth-Secret';
    const { headers } = await main('/chat/api/me', { ...SPOOFED, Connection: hop });
    assert.equal(headers['x-forwarded-user'], 'alice');
    assert.equal(headers['x-forward-auth-secret'], EDGE_SECRET);
  });

  test('[R44] where nobody is known yet, nobody is named', async () => {
    for (const path of ['/chat/login', '/chat/oauth/callback']) {
      const { headers } = await main(path, SPOOFED);
      assert.equal(headers['x-forwarded-user'] ?? '', '', path);
      assert.equal(headers['x-forward-auth-secret'], EDGE_SECRET);
      assert.equal(seen.length, 1, 'no question before it');
      seen = [];
    }
  });

  test('[R44] a verifier that names nobody lets no client name itself', async () => {
    user = null;
    const { headers } = await main('/chat/api/me', SPOOFED);
    assert.notEqual(headers['x-forwarded-user'], 'root');
    assert.doesNotMatch(
      String(headers['x-forwarded-user'] ?? ''),
      /^[A-Za-z0-9]/,
      'no user is called so',
    );
  });

  test('the question about a WebSocket carries none of its upgrade', async () => {
    await main('/chat/ws', {
      ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    });
    const asked = seen[0]?.headers;
    assert.equal(asked?.upgrade, undefined);
    assert.doesNotMatch(asked?.connection ?? '', /upgrade/i);
  });

  test('[R60] what is outside the base path is not reached', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/chatty', '/chat/../metrics'])
      assert.equal(await statusOf(edge, path), 404, path);
    assert.deepEqual(seen, []);
  });

  test('no instance is a 503 that says when to come again, and the next one is found by a reload', async () => {
    edge.rewrite([]);
    edge.reload();
    const nobody = await fetch(`${edge.origin}/chat/login`);
    assert.equal(nobody.status, 503);
    assert.equal(nobody.headers.get('retry-after'), '5');
    edge.rewrite([(upstream.address() as AddressInfo).port]);
    edge.reload();
    assert.equal((await fetch(`${edge.origin}/chat/login`)).status, 200);
  });
});

/** The path as it is written: `fetch` would clean it. */
async function statusOf(edge: RenderedEdge, path: string, headers: OutgoingHttpHeaders = {}) {
  const request = httpsRequest({ host: 'localhost', port: edge.port, path, headers }).end();
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
