import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, test } from 'node:test';
import { Broker, type BrokerSettings } from '../../src/claude/broker.ts';
import { BODY_BYTES_MAX } from '../../src/claude/forward.ts';

const KEY = 'sk-ant-the-real-one';
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** An API that answers as told, and a broker in front of it. */
async function stage(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  given: Partial<BrokerSettings> = {},
) {
  const asked: IncomingMessage[] = [];
  const api: Server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const settings = { anthropicApiKey: KEY, anthropicAuthToken: null, anthropicBaseUrl: apiUrl };
  const broker = await Broker.start({ ...settings, ...given });
  assert.ok(broker);
  ends.push(() => {
    broker.close();
    api.close();
    api.closeAllConnections();
  });
  return { broker, asked, api, apiUrl };
}

function ask(url: string, headers: OutgoingHttpHeaders, body: string | Buffer = '{}') {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request(url, { method: 'POST', headers }, resolve);
    asking.on('error', reject);
    asking.end(body);
  });
}

function sse(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const ok = (_: IncomingMessage, response: ServerResponse) => response.end('ok');

test('[R54] the key is added and the token is not passed on, whichever header brings it', async () => {
  const { broker, asked, api } = await stage(ok);
  let connections = 0;
  api.on('connection', () => {
    connections += 1;
  });
  const { token } = broker.issue();
  for (const headers of [{ 'x-api-key': token }, { authorization: `Bearer ${token}` }]) {
    const answer = await ask(`${broker.baseUrl}/v1/messages?beta=true`, {
      ...headers,
      'anthropic-version': '2023-06-01',
      Connection: 'x-secret, keep-alive',
      'x-secret': 'for this hop',
      te: 'trailers',
      'accept-encoding': 'gzip',
    });
    assert.equal(await text(answer), 'ok');
  }
  assert.equal(asked.length, 2);
  assert.equal(connections, 1, 'the connection to the API is used again');
  for (const { headers, url } of asked) {
    assert.equal(url, '/v1/messages?beta=true');
    assert.equal(headers['x-api-key'], KEY);
    assert.equal(headers.authorization, undefined);
    assert.equal(headers['anthropic-version'], '2023-06-01');
    assert.equal(headers['x-secret'], undefined);
    assert.equal(headers.te, undefined);
    assert.equal(headers['accept-encoding'], 'identity');
    assert.ok(!JSON.stringify(headers).includes(token));
  }
});

test('[R54] a bearer token of the server’s goes out as one, under the path of its gateway', async () => {
  const { apiUrl } = await stage(ok);
  const gateway = { anthropicApiKey: null, anthropicAuthToken: 'gateway-token' };
  const { broker, asked, apiUrl: url } = await stage(ok, gateway);
  assert.ok(apiUrl !== url);
  const { env, token } = broker.issue();
  assert.deepEqual(env, { ANTHROPIC_BASE_URL: broker.baseUrl, ANTHROPIC_AUTH_TOKEN: token });
  await text(await ask(`${broker.baseUrl}/v1/messages`, { authorization: `Bearer ${token}` }));
  assert.equal(asked[0]?.headers.authorization, 'Bearer gateway-token');
  assert.equal(asked[0]?.headers['x-api-key'], undefined);
});

test('a base URL with a path keeps it', async () => {
  const first = await stage(ok);
  const { broker } = await stage(ok, { anthropicBaseUrl: `${first.apiUrl}/to/claude/` });
  const { token } = broker.issue();
  await text(await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token }));
  assert.equal(first.asked[0]?.url, '/to/claude/v1/messages');
});

test('in front of the API itself, the CLI is told so: else it would ask for less', async () => {
  const { broker } = await stage(ok, { anthropicBaseUrl: null, anthropicAuthToken: 'both' });
  const { env, token } = broker.issue();
  assert.deepEqual(env, {
    ANTHROPIC_BASE_URL: broker.baseUrl,
    ANTHROPIC_API_KEY: token,
    _CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL: '1',
  });
});

test('without a key there is no broker', async () => {
  const none = { anthropicApiKey: null, anthropicAuthToken: null, anthropicBaseUrl: null };
  assert.equal(await Broker.start(none), null);
});

test('[R54] only a token that lives opens it; a wrong one is 403 in the shape of the API', async () => {
  const { broker, asked } = await stage(ok);
  const { token, revoke } = broker.issue();
  const other = broker.issue();
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.notEqual(token, other.token);
  revoke();
  for (const wrong of [token, '', KEY, `${other.token}x`, other.token.slice(1)]) {
    const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': wrong });
    assert.equal(answer.statusCode, 403, wrong);
    const { type, error } = JSON.parse(await text(answer));
    assert.deepEqual([type, error.type], ['error', 'permission_error']);
  }
  assert.equal(asked.length, 0);
  const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': other.token });
  assert.equal(answer.statusCode, 200);
});

/** What came back for bytes written by hand: the status, and 0 where the connection was just closed. */
async function rawStatus(broker: Broker, head: readonly string[], body = ''): Promise<number> {
  const socket = connect(Number(new URL(broker.baseUrl).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  let received = '';
  for await (const data of socket) {
    received += data;
    if (received.includes('\r\n\r\n')) break;
  }
  socket.destroy();
  return Number(received.split(' ')[1] ?? 0);
}

test('[R54] anything but the two paths, spelled exactly so, is refused', async () => {
  const { broker, asked, apiUrl } = await stage(ok);
  const { token } = broker.issue();
  const key = [`Host: 127.0.0.1`, `x-api-key: ${token}`, 'Content-Length: 2'];
  for (const line of [
    'POST /v1/complete HTTP/1.1',
    'POST /v1/messages/ HTTP/1.1',
    'POST /v1/messages/batches HTTP/1.1',
    'POST //v1/messages HTTP/1.1',
    'POST /v1/./messages HTTP/1.1',
    'POST /v1/messages/../files HTTP/1.1',
    'POST /v1/%6dessages HTTP/1.1',
    'POST /v1/messages%2fbatches HTTP/1.1',
    'POST /v1/messages?a=/../ HTTP/1.1',
    'POST /v1/messages#x HTTP/1.1',
    `POST ${apiUrl}/v1/messages HTTP/1.1`,
    'POST http://127.0.0.1/v1/messages HTTP/1.1',
    'GET /v1/messages HTTP/1.1',
    'PUT /v1/messages HTTP/1.1',
    'OPTIONS * HTTP/1.1',
  ])
    assert.equal(await rawStatus(broker, [line, ...key], '{}'), 404, line);
  assert.equal(await rawStatus(broker, ['CONNECT 127.0.0.1:1 HTTP/1.1', ...key]), 0);
  assert.equal(asked.length, 0);
});

test('[R54] a request whose length can be read in two ways is not passed on', async () => {
  const { broker, asked } = await stage(ok);
  const { token } = broker.issue();
  const line = ['POST /v1/messages HTTP/1.1', 'Host: x', `x-api-key: ${token}`];
  const hidden = '0\r\n\r\nPOST /v1/files HTTP/1.1\r\nHost: x\r\n\r\n';
  for (const fields of [
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Transfer-Encoding: xchunked', 'Content-Length: 5'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding : chunked'],
    ['Transfer-Encoding:\n chunked', 'Content-Length: 5'],
  ])
    assert.equal(await rawStatus(broker, [...line, ...fields], hidden), 400, fields.join());
  assert.equal(asked.length, 0);
});

test('bytes arrive while the API still waits, both ways', async () => {
  const { broker } = await stage((request, response) => {
    request.once('data', (chunk) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(`heard ${chunk}`);
      request.once('data', (more) => response.end(`, then ${more}`));
    });
  });
  const { token } = broker.issue();
  const asking = request(`${broker.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': token },
  });
  asking.write('one');
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const [first] = await once(answer, 'data');
  assert.equal(String(first), 'heard one', 'neither side has ended yet');
  asking.end('two');
  assert.equal(await text(answer), ', then two');
});

test('[R54] errors of the API pass through as they are, and no redirect is followed', async () => {
  const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
  let status = 0;
  const { broker, asked } = await stage((_, response) => {
    const headers = { 'Content-Type': 'application/json', 'Retry-After': '7', Location: '/x' };
    response.writeHead(status, { ...headers, 'Request-Id': 'req_1' }).end(body);
  });
  const { token, usage } = broker.issue();
  for (status of [400, 401, 429, 500, 529, 307]) {
    const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token });
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers['retry-after'], '7');
    assert.equal(answer.headers['request-id'], 'req_1');
    assert.equal(await text(answer), body);
  }
  assert.equal(asked.length, 6);
  assert.equal(usage.answers, 0);
});

test('an API that cannot be reached is 502 in its own shape', async () => {
  const { broker } = await stage(ok, { anthropicBaseUrl: 'http://127.0.0.1:1' });
  const { token } = broker.issue();
  const body = Buffer.alloc(1024 * 1024, ' ');
  const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token }, body);
  assert.equal(answer.statusCode, 502);
  assert.equal(JSON.parse(await text(answer)).error.type, 'api_error');
});

test('when the client goes, so does the request to the API', async () => {
  let gone: Promise<unknown> = Promise.resolve();
  const { broker } = await stage((_, response) => {
    gone = once(response, 'close');
    response.writeHead(200).write('begun');
  });
  const { token } = broker.issue();
  const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token });
  answer.on('error', () => {});
  await once(answer, 'data');
  answer.destroy();
  await gone;
});

test('when the client goes before the API has said anything, the request goes all the same', async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  const { broker } = await stage((_, response) => arrived.resolve(response));
  const { token } = broker.issue();
  const asking = request(`${broker.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': token },
  });
  asking.on('error', () => {}).end('{}');
  const held = await arrived.promise;
  asking.destroy();
  await once(held, 'close');
});

test('when the API drops the line, the client sees it dropped', async () => {
  const { broker } = await stage((_, response) => {
    response.writeHead(200);
    response.write('begun', () => response.destroy());
  });
  const { token } = broker.issue();
  const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token });
  await assert.rejects(text(answer), { code: 'ECONNRESET' });
});

test('[R54] a token that is revoked ends what was asked with it', async () => {
  const { broker } = await stage((_, response) => response.writeHead(200).write('begun'));
  const { token, revoke } = broker.issue();
  const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token });
  revoke();
  await assert.rejects(text(answer), { code: 'ECONNRESET' });
});

test('a body over the bound is 413, told before all of it came', async () => {
  const { broker } = await stage((request) => request.resume());
  const { token } = broker.issue();
  const asking = request(`${broker.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': token },
  });
  asking.on('error', () => {});
  asking.write(Buffer.alloc(BODY_BYTES_MAX));
  asking.write(' ');
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 413);
  asking.destroy();
});

test('one process may ask 32 times at once, and the others are not hindered', async () => {
  const held: ServerResponse[] = [];
  const { broker } = await stage((_, response) => {
    held.push(response);
    response.writeHead(200).write('begun');
  });
  const [one, other] = [broker.issue(), broker.issue()];
  const url = `${broker.baseUrl}/v1/messages`;
  const running = await Promise.all(
    Array.from({ length: 32 }, () => ask(url, { 'x-api-key': one.token })),
  );
  const refused = await ask(url, { 'x-api-key': one.token });
  assert.equal(refused.statusCode, 429);
  assert.equal((await ask(url, { 'x-api-key': other.token })).statusCode, 200);
  for (const response of held) response.end();
  await Promise.all(running.map((answer) => text(answer)));
  assert.equal((await ask(url, { 'x-api-key': one.token })).statusCode, 200);
});

test('a reader that does not read holds back the API, not the memory', async () => {
  const CHUNK = Buffer.alloc(256 * 1024, 'x');
  let written = 0;
  let stuck: () => void = () => {};
  const isStuck = new Promise<void>((resolve) => {
    stuck = resolve;
  });
  const { broker } = await stage((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (written < 400 && response.write(CHUNK)) written += 1;
      written += 1;
      // Early on a busy machine, it only ends the count sooner: all that is written must come all the same.
      const idle = setTimeout(stuck, 300);
      response.once('drain', () => {
        clearTimeout(idle);
        if (written < 400) more();
        else response.end();
      });
    };
    more();
  });
  const { token } = broker.issue();
  const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': token });
  await isStuck;
  assert.ok(written < 200, `${written} chunks of 400 were taken`);
  let read = 0;
  for await (const chunk of answer) read += chunk.length;
  assert.ok(read >= 400 * CHUNK.length);
});

test('usage of a stream is counted as it grows, whatever the chunks', async () => {
  const stream = [
    sse({
      type: 'message_start',
      message: {
        id: 'm',
        usage: {
          input_tokens: 9,
          cache_creation_input_tokens: 5,
          cache_read_input_tokens: 100,
          output_tokens: 1,
        },
      },
    }),
    sse({ type: 'content_block_delta', delta: { text: 'ü "usage":{"output_tokens":999}' } }),
    'event: content_block_delta\ndata: event: message_delta\n\n',
    sse({ type: 'message_delta', delta: {}, usage: { output_tokens: 40 } }),
    sse({ type: 'message_delta', delta: {}, usage: { input_tokens: 10, output_tokens: 42 } }),
    sse({ type: 'message_stop' }),
  ].join('');
  const { broker } = await stage((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    const bytes = Buffer.from(stream);
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  });
  const grant = broker.issue();
  const other = broker.issue();
  for (let i = 1; i <= 2; i++) {
    const answer = await ask(`${broker.baseUrl}/v1/messages`, { 'x-api-key': grant.token });
    assert.equal(await text(answer), stream, 'nothing is changed');
    assert.deepEqual(grant.usage, {
      answers: i,
      inputTokens: 10 * i,
      outputTokens: 42 * i,
      cacheReadTokens: 100 * i,
      cacheWriteTokens: 5 * i,
    });
  }
  assert.equal(other.usage.answers, 0);
});

test('usage of an answer that does not stream is counted, and a token count is none', async () => {
  let body: object = { content: [], usage: { input_tokens: 7, output_tokens: 3 } };
  const { broker } = await stage((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  const grant = broker.issue();
  const headers = { 'x-api-key': grant.token };
  await text(await ask(`${broker.baseUrl}/v1/messages`, headers));
  body = { input_tokens: 5_000 };
  await text(await ask(`${broker.baseUrl}/v1/messages/count_tokens`, headers));
  assert.deepEqual(
    [grant.usage.answers, grant.usage.inputTokens, grant.usage.outputTokens],
    [1, 7, 3],
  );
});
