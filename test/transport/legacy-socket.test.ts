import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ChatStreamClient } from '../support/chat-stream.ts';
import { TestClient } from '../support/client.ts';
import { settle } from '../support/held-store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { rawOnce, UPGRADE_HEADERS } from '../support/raw.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('chat-stream-v1', { timeout: 60_000 }, () => {
  const store = memoryStore();
  let server: TestServer;
  let cookie: string;
  before(async () => {
    const env = { CHAT_PUBLIC_URL: 'http://chat.example.org', CHAT_MAX_PROMPT_BYTES: '2048' };
    server = await startServer({ ...env, CHAT_ALLOWED_ORIGINS: '' }, { store });
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  const open = (query = '', as = cookie) =>
    ChatStreamClient.open({ ...server, origin: 'http://chat.example.org' }, as, query);
  const watch = () => TestClient.open(server.webSocketUrl, 'http://chat.example.org', cookie);

  test('[CS1] it is spoken to who offers it and not agui.v1', async () => {
    const spoken = async (offered: string[]) => {
      const at = { ...server, origin: 'http://chat.example.org' };
      const client = await ChatStreamClient.open(at, cookie, '', offered);
      const { protocol } = client.socket;
      await client.close();
      return protocol;
    };
    assert.equal(await spoken(['chat-stream-v1']), 'chat-stream-v1');
    assert.equal(await spoken(['chat-stream-v1', 'agui.v1']), 'agui.v1');
    assert.equal(await spoken(['agui.v1', 'chat-stream-v1']), 'agui.v1');
    assert.equal(await spoken(['unheard-of', 'chat-stream-v1']), 'chat-stream-v1');
  });

  test('[CS1] [R42] the door is the same: a sign-in and an allowed Origin, before the upgrade', async () => {
    const offer = { ...UPGRADE_HEADERS, 'Sec-WebSocket-Protocol': 'chat-stream-v1' };
    const origin = { Origin: 'http://chat.example.org' };
    const ask = async (headers: Record<string, string>) =>
      (await rawOnce(server.origin, '/chat/ws', { ...offer, ...headers })).status;
    assert.equal(await ask({ ...origin }), 401);
    assert.equal(await ask({ Cookie: cookie }), 403);
    assert.equal(await ask({ Cookie: cookie, Origin: 'null' }), 403);
    assert.equal(await ask({ Cookie: cookie, Origin: 'https://evil.example' }), 403);
    assert.equal(await ask({ Cookie: cookie, ...origin }), 101);
  });

  test('[CS2] [CS3] an answer streams as tokens, then complete names the new conversation', async () => {
    const client = await open();
    client.ask('hello there');
    const end = await client.ended();
    assert.ok(end.type === 'complete');
    assert.match(end.conversation_id, /^[0-9a-f]{12}$/);
    assert.ok(client.frames.length > 10, 'paced deltas, not one whole');
    assert.ok(client.text.includes('> hello there'));
    assert.ok(!client.text.includes('Someone wrote to the demo agent'), 'no thinking');
    // A watcher of the same conversation has the same text, and the prompt.
    const watcher = await watch();
    await watcher.hello(end.conversation_id);
    const starts = await watcher.event('RUN_STARTED');
    assert.equal(starts.threadId, end.conversation_id);
    assert.equal(watcher.text, client.text);
    await Promise.all([client.close(), watcher.close()]);
  });

  test('[CS2] the frame names the conversation, else the URL, else it is new; null and "" are none', async () => {
    const client = await open('?conversation_id=from-the-url');
    const placeOf = async (given?: string | null) => {
      const from = client.frames.length;
      client.ask('error, please', given);
      await client.ended(from);
      const [latest] = (await store.list('alice', null, 1)).found;
      return latest?.key;
    };
    assert.equal(await placeOf('0123456789ab'), 'alice/0123456789ab');
    assert.equal(await placeOf(), 'alice/from-the-url');
    assert.equal(await placeOf(null), 'alice/from-the-url');
    assert.equal(await placeOf(''), 'alice/from-the-url');
    await client.close();
  });

  test('[CS4] what cannot be read is told, and the socket hears the next request', async () => {
    const client = await open();
    const told = async (frame: object | string) => {
      const from = client.frames.length;
      client.send(frame);
      const end = await client.ended(from);
      assert.ok(end.type === 'error');
      return end.message;
    };
    assert.match(await told('{"type":'), /not JSON/);
    assert.match(await told('[]'), /no type/);
    assert.match(await told('"chat_request"'), /no type/);
    assert.match(await told({ type: 'chat_request' }), /message/);
    assert.match(await told({ type: 'chat_request', message: 7 }), /message/);
    assert.match(
      await told({ type: 'chat_request', message: 'x', conversation_id: '../x' }),
      /conversation_id/,
    );
    assert.match(await told({ type: 'chat_request', message: '  ' }), /no text/);
    assert.match(await told({ type: 'chat_request', message: 'a\0b' }), /NUL/);
    assert.match(await told({ type: 'chat_request', message: 'x'.repeat(2049) }), /too long.*2048/);
    assert.match(await told('['.repeat(50_000)), /nested deeper/);
    client.ask('error');
    await client.find((frame) => frame.type === 'error' && frame.message.includes('Overloaded'));
    await client.close();
  });

  test('[CS4] other kinds of frames mean nothing', async () => {
    const client = await open();
    client.send({ type: 'hello', threadId: null, after: null });
    client.send({ type: 'abort', runId: 'x' });
    client.send({ type: 'pong' });
    client.send({ type: 42 });
    await settle();
    assert.deepEqual(client.frames, []);
    await client.close();
  });

  test('[CS4] a failed turn is an error with a sentence, and the next request is heard', async () => {
    const client = await open();
    client.ask('error, please', 'failing');
    const end = await client.ended();
    assert.ok(end.type === 'error');
    assert.match(end.message, /Overloaded/);
    assert.equal(client.text, 'I will fail now, as asked. ');
    const from = client.frames.length;
    client.ask('hello', 'failing');
    assert.deepEqual(await client.ended(from), { type: 'complete', conversation_id: 'failing' });
    await client.close();
  });

  test('[CS5] requests are answered one after the other, in their order', async () => {
    const client = await open();
    const places = ['one', 'two'];
    for (const place of places) client.ask(`hello from ${place}`, place);
    await client.find((frame) => frame.type === 'complete' && frame.conversation_id === 'two');
    const kinds = client.frames.filter(({ type }) => type !== 'token');
    assert.deepEqual(
      kinds.map((frame) => frame.type === 'complete' && frame.conversation_id),
      places,
    );
    let text = '';
    for (const frame of client.frames) {
      if (frame.type === 'token') text += frame.token;
      if (frame.type !== 'complete') continue;
      assert.ok(text.includes(`> hello from ${frame.conversation_id}`));
      assert.equal(text.match(/> hello from/g)?.length, 1);
      text = '';
    }
    await client.close();
  });

  test('[CS5] behind eight that wait, a request is refused', async () => {
    const client = await open();
    client.ask('slow, please', 'busy');
    for (let i = 0; i < 9; i++) client.ask('error', 'busy');
    const end = await client.ended();
    assert.ok(end.type === 'error');
    assert.match(end.message, /Too many messages wait/);
    client.socket.terminate();
  });

  test('[CS6] a question of Claude’s is an error that says where to answer it', async () => {
    const client = await open();
    client.ask('use a tool', 'asking');
    const end = await client.ended();
    assert.ok(end.type === 'error');
    assert.match(end.message, /approval to use Bash.*http:\/\/chat\.example\.org\/chat\//);
    // Answered there, the rest is in the conversation; the socket hears the next request.
    const page = await watch();
    await page.hello('asking');
    const finished = page.events.findLast((event) => event.type === 'RUN_FINISHED');
    assert.ok(finished?.type === 'RUN_FINISHED' && finished.outcome?.type === 'interrupt');
    const interruptId = finished.outcome.interrupts[0]?.id;
    const runId = randomUUID();
    const resume = [{ interruptId, status: 'resolved', payload: true }];
    page.send({ threadId: 'asking', runId, messages: [], resume, tools: [], context: [] });
    await page.runEnded(runId);
    const from = client.frames.length;
    client.ask('hello', 'asking');
    assert.equal((await client.ended(from)).type, 'complete');
    await Promise.all([client.close(), page.close()]);
  });

  test('[CS6] an answer that is stopped elsewhere is an error that says so', async () => {
    const [client, page] = [await open(), await watch()];
    await page.hello('stopped');
    client.ask('slow, please', 'stopped');
    const { runId } = await page.event('RUN_STARTED');
    page.send({ type: 'abort', runId });
    const end = await client.ended();
    assert.ok(end.type === 'error');
    assert.match(end.message, /was stopped/);
    await Promise.all([client.close(), page.close()]);
  });

  test('[CS7] [R9] a socket that closes stops nothing', async () => {
    const [client, page] = [await open(), await watch()];
    await page.hello('left');
    client.ask('hello', 'left');
    const { runId } = await page.event('RUN_STARTED');
    client.socket.terminate();
    const end = await page.runEnded(runId);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success');
    await page.close();
  });

  test('[CS7] [R55] another user’s conversation of that id is another one', async () => {
    const writer = await writerOf(store, 'bob', 'same');
    await writer.run('bobs', 'hi', ['secret']);
    const client = await open();
    client.ask('hello', 'same');
    assert.deepEqual(await client.ended(), { type: 'complete', conversation_id: 'same' });
    assert.ok(!client.text.includes('secret'));
    await client.close();
  });

  test('[CS7] [R36] an expired sign-in closes with 4401, and says why', async () => {
    const client = await open('', await server.cookieFor('carol', 1_500));
    assert.equal((await client.closed).code, 4401);
    const end = client.frames.at(-1);
    assert.ok(end?.type === 'error');
    assert.match(end.message, /sign-in has ended/);
  });

  test('[CS7] [R46] a message over the bound closes with 1009', async () => {
    const client = await open();
    client.send('x'.repeat(1_100_000));
    assert.equal((await client.closed).code, 1009);
  });

  test('[CS1] a client that offers nothing speaks agui.v1', async () => {
    const at = { ...server, origin: 'http://chat.example.org' };
    const bare = await ChatStreamClient.open(at, cookie, '', []);
    assert.equal(bare.socket.protocol, '');
    bare.send({ type: 'hello', threadId: null, after: null });
    await bare.find((frame) => (frame.type as string) === 'welcome');
    await bare.close();
  });
});

describe('chat-stream-v1 and limits', { timeout: 60_000 }, () => {
  test('[CS4] a limit is told with when to try again', async () => {
    const server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
    try {
      const client = await ChatStreamClient.open(server, await server.cookieFor('alice'));
      client.ask('hello');
      assert.equal((await client.ended()).type, 'complete');
      for (const text of ['more', 'and more']) {
        const from = client.frames.length;
        client.ask(text);
        const end = await client.ended(from);
        assert.ok(end.type === 'error');
        assert.match(end.message, /1 prompt an hour\. Try again in 60 minutes\./);
      }
      await client.close();
    } finally {
      await server.stop();
    }
  });

  test('[CS4] too many frames are refused with when to try again, and a flood closes with 4429', async () => {
    const env = { CHAT_MAX_FRAMES_PER_SECOND: '1', CHAT_MAX_FRAMES_BURST: '3' };
    const server = await startServer(env);
    try {
      const client = await ChatStreamClient.open(server, await server.cookieFor('alice'));
      for (let i = 0; i < 12; i++) client.ask('slow', 'x');
      assert.equal((await client.closed).code, 4429);
      const errors = client.frames.flatMap((frame) =>
        frame.type === 'error' ? [frame.message] : [],
      );
      assert.match(errors[0] ?? '', /3 messages at once\. Try again in 1 second\./);
    } finally {
      await server.stop();
    }
  });

  test('[CS7] a drain lets the answer end, then closes with 1012', async () => {
    const server = await startServer({ CHAT_DRAIN_TURN_MS: '30000' });
    let stopped: Promise<unknown> | null = null;
    try {
      const client = await ChatStreamClient.open(server, await server.cookieFor('alice'));
      client.ask('hello', 'last');
      await client.find(({ type }) => type === 'token');
      stopped = server.stop();
      assert.deepEqual(await client.ended(), { type: 'complete', conversation_id: 'last' });
      assert.equal((await client.closed).code, 1012);
    } finally {
      await (stopped ?? server.stop());
    }
  });
});
