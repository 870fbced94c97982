/** What attackers send, and what they get. Paths, cookies, Origins and floods have tests of their own beside this one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rawOnce, rawRequest, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

const PATIENCE_MS = 15_000;

describe('attacks', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cookie: string;
  before(async () => {
    server = await startServer();
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  const dial = (to = server): Socket => {
    const socket = connect({ host: '127.0.0.1', port: to.port });
    socket.on('error', () => {});
    return socket;
  };

  /** Ends with the connection, a reset one too: `once` would take the error before its close for a failure. */
  function gone(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        socket.destroy();
        reject(new Error('still there'));
      }, PATIENCE_MS);
      socket.once('close', () => {
        clearTimeout(patience);
        resolve();
      });
    });
  }

  /** All that is answered until the server closes. */
  async function untilClosed(text: string): Promise<string> {
    const socket = dial();
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.write(text, 'latin1');
    await gone(socket);
    return answer;
  }

  const head = (line: string, ...fields: string[]) =>
    `${[`${line} HTTP/1.1`, 'Host: x', `Cookie: ${cookie}`, ...fields].join('\r\n')}\r\n\r\n`;

  test('[R46] a request that two servers could read in two ways is 400 and the end of its connection', async () => {
    const inner = head('GET /chat/api/me');
    const post = (...fields: string[]) =>
      head('POST /chat/agui', 'Content-Type: application/json', ...fields);
    for (const [name, text] of Object.entries({
      'a length and chunks': post('Content-Length: 5', 'Transfer-Encoding: chunked') + inner,
      'chunks and a length': `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${inner}`,
      'two lengths': `${post('Content-Length: 5', 'Content-Length: 6')}abcdef`,
      'a list of lengths': `${post('Content-Length: 5, 5')}abcde`,
      'a signed length': `${post('Content-Length: +5')}abcde`,
      'an unknown coding': `${post('Transfer-Encoding: xchunked')}0\r\n\r\n`,
      'chunks that are not last': `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n`,
      'a space before the colon': `${post('Transfer-Encoding : chunked')}0\r\n\r\n`,
      'chunks with bare line feeds': `${post('Transfer-Encoding: chunked')}2\n{}\n0\n\n`,
      'a folded header': head('GET /chat/api/me', 'X-A: b', ' c'),
      'a folded cookie': head('GET /chat/api/me', 'X-A: b', `\tCookie: ${cookie}`),
      'bare line feeds': head('GET /chat/api/me').replaceAll('\r', ''),
      'a bare line feed in a header': head('GET /chat/api/me', 'X-A: b\nX-Forwarded-User: root'),
      'a bare carriage return': head('GET /chat/api/me', 'X-A: b\rX-B: c'),
      'a NUL in a header': head('GET /chat/api/me', 'X-A: b\0'),
      'a NUL in the path': head('GET /chat/api/me\0'),
      'a space in a header’s name': head('GET /chat/api/me', 'X Forwarded-User: root'),
      'no host': 'GET /chat/api/me HTTP/1.1\r\n\r\n',
      'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
    })) {
      const answers = [...(await untilClosed(text)).matchAll(/HTTP\/1\.1 (\d+)/g)];
      assert.deepEqual(
        answers.map(([, status]) => status),
        ['400'],
        name,
      );
    }
  });

  test('[R47] headers over 16 KiB, or over 100 of them, are 431, upgrades too; none is dropped unseen', async () => {
    const own = { Cookie: cookie, Origin: server.origin, ...UPGRADE_HEADERS };
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, 'a']));
    for (const [target, headers] of [
      ['/chat/api/me', { Cookie: cookie }],
      ['/chat/ws', own],
    ] as const) {
      const long = await rawOnce(server.origin, target, { ...headers, 'X-A': 'a'.repeat(16_384) });
      assert.equal(long.status, 431);
      const over = await rawOnce(server.origin, target, { ...headers, ...many(100) });
      assert.equal(over.status, 431);
      assert.equal(over.headers.connection, 'close');
    }
    const last = { ...many(98), Cookie: cookie };
    assert.equal((await rawOnce(server.origin, '/chat/api/me', last)).status, 200);
  });

  test('[R47] who sends next to nothing is cut off: before the first byte, in headers, in a body, in an upgrade', async () => {
    const post = head(
      'POST /chat/agui',
      'Content-Type: application/json',
      'Content-Length: 100000',
    );
    const chunked = head(
      'PUT /chat/api/files/content?path=a',
      `Origin: ${server.origin}`,
      'Transfer-Encoding: chunked',
    );
    const kept = head('GET /chat/api/me');
    const upgrade = `GET /chat/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
    const attempts = {
      nothing: ['', ''],
      headers: ['GET /chat/ HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'],
      upgrade: [upgrade, 'X-A: b\r\n'],
      'a body': [post, 'a'],
      'a body in chunks': [chunked, '1\r\na\r\n'],
      'a body that is never sent': [post, ''],
      'a second request': [`${kept}GET /chat/ HTTP/1.1\r\n`, 'X-A: b\r\n'],
    };
    await Promise.all(
      Object.entries(attempts).map(async ([name, [first = '', drip = '']]) => {
        const socket = dial();
        socket.resume();
        socket.write(first);
        const dripping = setInterval(() => socket.write(drip), 500);
        socket.once('close', () => clearInterval(dripping));
        await assert.doesNotReject(gone(socket), name);
      }),
    );
  });

  test('[R47] a slow sender who gets on is waited for', async () => {
    const body = `{"pad":"${'x'.repeat(16_000)}"}`;
    const fields = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    const socket = dial();
    socket.write(head('POST /chat/agui', ...fields));
    const answer = once(socket, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
    // 2 KiB a second: eight seconds in all.
    for (let at = 0; at < body.length; at += 1_024) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      socket.write(body.slice(at, at + 1_024));
    }
    assert.match(String(await answer), /^HTTP\/1\.1 400 /, 'it was read to its end');
    socket.destroy();
  });

  test('[R46] frames that break the protocol end the socket with its own codes', async () => {
    const masked = (first: number, payload: Buffer) =>
      Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
    const text = Buffer.from('{}');
    const eightGibibytes = Buffer.from([0x81, 0xff, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (const [name, frame, code] of [
      ['unmasked', Buffer.from([0x81, 2, 0x7b, 0x7d]), 1002],
      ['reserved bit 1, which compression would use', masked(0xc1, text), 1002],
      ['reserved bit 2', masked(0xa1, text), 1002],
      ['reserved bit 3', masked(0x91, text), 1002],
      ['an unknown kind', masked(0x83, text), 1002],
      ['an unknown control', masked(0x8b, text), 1002],
      ['a fragmented ping', masked(0x09, text), 1002],
      ['a ping of 126 bytes', Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0]), 1002],
      ['a continuation of nothing', masked(0x80, text), 1002],
      ['a close with a code nobody may send', masked(0x88, Buffer.from([3, 0xed])), 1002],
      ['a close with half a code', masked(0x88, Buffer.from([3])), 1002],
      ['a length of 8 GiB', eightGibibytes, 1009],
      ['no UTF-8', masked(0x81, Buffer.from([0xc0, 0xaf])), 1007],
    ] as const) {
      const headers = { ...UPGRADE_HEADERS, Origin: server.origin, Cookie: cookie };
      const { socket, status } = await rawRequest(server.origin, '/chat/ws', headers);
      assert.equal(status, 101);
      const received = new Promise<number>((resolve) =>
        socket.on('data', (data) => {
          const at = data.indexOf(0x88);
          if (at >= 0) resolve(data.readUInt16BE(at + 2));
        }),
      );
      socket.write(frame);
      assert.equal(await received, code, name);
      socket.destroy();
    }
  });

  test('[R42] every route that changes something refuses foreign pages, with or without a sign-in', async () => {
    const sources = fileURLToPath(new URL('../../src/transport', import.meta.url));
    const routes = globSync('**/*.ts', { cwd: sources }).flatMap((file) => [
      ...readFileSync(`${sources}/${file}`, 'utf8').matchAll(
        /'(POST|PUT|PATCH|DELETE) (\/[^']*)'/g,
      ),
    ]);
    assert.ok(routes.length >= 8);
    for (const [, method = '', path = ''] of routes)
      for (const Origin of ['https://evil.example', 'null', `${server.origin}.evil.example`, ''])
        for (const Cookie of [cookie, '']) {
          const target = `/chat${path.replaceAll('*', 'some')}`;
          const headers = { Origin, Cookie, 'Content-Type': 'application/json' };
          const answer = await rawOnce(server.origin, target, headers, method);
          assert.equal(answer.status, 403, `${method} ${path} ${Origin}`);
          assert.equal(JSON.parse(answer.body).fault, 'origin.refused');
          assert.equal(answer.headers['set-cookie'], undefined);
        }
  });

  test('[R42] what a foreign form can send starts no run', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      '',
    ])
      assert.equal(
        (
          await rawOnce(
            server.origin,
            '/chat/agui',
            { Cookie: cookie, 'Content-Type': type, 'Content-Length': '0' },
            'POST',
          )
        ).status,
        400,
        type,
      );
  });

  test('[R35] a sign-in takes over no id that was there before it', async () => {
    const planted = await server.cookieFor('mallory');
    const [id] = planted.slice('greenroom='.length).split('.');
    for (const Cookie of [planted, `greenroom=${id}`, `greenroom=${'A'.repeat(43)}.x`]) {
      const { pathname, search } = new URL(server.signInUrl());
      const answer = await rawOnce(server.origin, pathname + search, { Cookie });
      assert.equal(answer.status, 303);
      const made = answer.headers['set-cookie']?.split(';')[0] ?? '';
      assert.match(made, /^greenroom=[\w-]{43}\./);
      assert.ok(!made.includes(id ?? ''));
      const me = await rawOnce(server.origin, '/chat/api/me', { Cookie: made });
      assert.equal(JSON.parse(me.body).user, 'local');
    }
    // Who planted it is who he was.
    const me = await rawOnce(server.origin, '/chat/api/me', { Cookie: planted });
    assert.equal(JSON.parse(me.body).user, 'mallory');
  });

  test('[R41] no redirect and no page is made of what a request says of its host', async () => {
    const link = new URL(server.signInUrl());
    for (const [path, method] of [
      ['/chat', 'GET'],
      ['/chat/', 'GET'],
      ['/chat/login', 'GET'],
      [link.pathname + link.search, 'GET'],
      ['/chat/oauth/callback', 'GET'],
      ['/chat/auth/verify', 'GET'],
      ['/chat/logout', 'POST'],
      ['/chat/nothing', 'GET'],
    ] as const) {
      const answer = await rawOnce(
        server.origin,
        path,
        {
          Host: 'evil.example',
          'X-Forwarded-Host': 'evil.example',
          'X-Forwarded-Proto': 'https',
          Forwarded: 'host=evil.example;proto=https',
          'X-Original-URL': '/chat/api/me',
          'X-Rewrite-URL': '/chat/api/me',
          Accept: 'text/html',
        },
        method,
      );
      assert.doesNotMatch(JSON.stringify(answer.headers) + answer.body, /evil/, path);
      assert.match(answer.headers.location ?? '/chat/', /^\/chat\//, path);
      assert.doesNotMatch(answer.headers['set-cookie'] ?? '', /Secure/, path);
    }
  });

  test('[R31] connections have a bound of their own, and one that is freed is given again', async () => {
    const small = await startServer({ CHAT_MAX_SOCKETS: '1' });
    const dialled = () => {
      const socket = dial(small);
      return { socket, open: once(socket, 'connect') };
    };
    const held = Array.from({ length: 1_001 }, dialled);
    await Promise.all(held.map(({ open }) => open));
    const { socket: over } = dialled();
    over.resume();
    await once(over, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
    for (const { socket } of held) socket.destroy();
    const served = () =>
      fetch(`${small.origin}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await served())) await new Promise((resolve) => setTimeout(resolve, 20));
    await small.stop();
  });
});
