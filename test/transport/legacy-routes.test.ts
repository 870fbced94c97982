import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
const form = (fields: Record<string, string>) => ({
  method: 'POST',
  body: new URLSearchParams(fields),
});

describe('the routes of the replaced server', { timeout: 60_000 }, () => {
  const store = memoryStore();
  let server: TestServer;
  let cookie: string;
  before(async () => {
    server = await startServer({ CHAT_MAX_PROMPT_BYTES: '2048' }, { store });
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  const ask = (path: string, init: RequestInit = {}, headers: Record<string, string> = {}) =>
    fetch(server.origin + path, {
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...init,
      headers: { Cookie: cookie, ...(init.headers as Record<string, string>), ...headers },
    });

  test('[CS8] POST /chat/new answers an id and keeps nothing', async () => {
    const answer = await ask('/chat/new', { method: 'POST' });
    assert.equal(answer.status, 200);
    const body = (await answer.json()) as Record<string, string>;
    assert.deepEqual(Object.keys(body), ['conversation_id']);
    assert.match(body.conversation_id ?? '', /^[0-9a-f]{12}$/);
    const { head } = await store.head(`alice/${body.conversation_id}`);
    assert.equal(head, null);
  });

  test('[CS9] POST /chat/ answers the whole text, asked by a form or by JSON', async () => {
    const asked = { message: 'hello *there*', conversation_id: 'by-form' };
    const multipart = new FormData();
    for (const [name, value] of Object.entries({ ...asked, conversation_id: 'by-parts' }))
      multipart.set(name, value);
    const answers = await Promise.all([
      ask('/chat/', form(asked)),
      ask('/chat/', json({ ...asked, conversation_id: 'by-json' })),
      ask('/chat/', { method: 'POST', body: multipart }),
    ]);
    for (const [i, place] of ['by-form', 'by-json', 'by-parts'].entries()) {
      assert.ok(answers[i]?.status === 200);
      const { response, conversation_id } = (await answers[i].json()) as Record<string, string>;
      assert.equal(conversation_id, place);
      assert.ok(response?.includes('> hello *there*'));
      const { messages } = await store.messages(`alice/${place}`, null, {
        messagesMax: 10,
        bytesMax: 100_000,
        atLeastOne: true,
      });
      assert.equal(messages.findLast(({ role }) => role === 'assistant')?.content, response);
    }
  });

  test('[CS9] /chat sends a POST on to /chat/, body and all', async () => {
    const moved = await ask('/chat', form({ message: 'error' }));
    assert.deepEqual([moved.status, moved.headers.get('location')], [308, '/chat/']);
  });

  test('[CS9] a turn that fails, is interrupted or is stopped is no 200', async () => {
    const failed = await ask('/chat/', json({ message: 'error', conversation_id: 'fails' }));
    assert.equal(failed.status, 502);
    const { fault, conversation_id } = (await failed.json()) as Record<string, string>;
    assert.deepEqual([fault, conversation_id], ['claude.api', 'fails']);
    const asking = await ask('/chat/', json({ message: 'a tool', conversation_id: 'asks' }));
    assert.equal(asking.status, 409);
    assert.match(((await asking.json()) as { message: string }).message, /approval to use Bash/);
    const page = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await page.hello('stops');
    const stopping = ask('/chat/', json({ message: 'slow', conversation_id: 'stops' }));
    const { runId } = await page.event('RUN_STARTED');
    page.send({ type: 'abort', runId });
    assert.equal((await stopping).status, 409);
    await page.close();
  });

  test('[CS9] [R9] whoever hangs up stops nothing', async () => {
    const page = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await page.hello('hung-up');
    const gone = new AbortController();
    const asked = json({ message: 'hello', conversation_id: 'hung-up' });
    const asking = ask('/chat/', { ...asked, signal: gone.signal });
    const { runId } = await page.event('RUN_STARTED');
    gone.abort();
    await assert.rejects(asking);
    const end = await page.runEnded(runId);
    assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'success');
    await page.close();
  });

  test('[CS9] what cannot be read is refused, and says why', async () => {
    const refused = async (init: RequestInit) => {
      const answer = await ask('/chat/', init);
      const { message } = (await answer.json()) as { message: string };
      return `${answer.status} ${message}`;
    };
    assert.match(await refused(form({})), /^400 .*message/);
    assert.match(await refused(json({ message: 7 })), /^400 .*message/);
    assert.match(await refused(json([])), /^400 .*not a JSON object/);
    assert.match(
      await refused({ method: 'POST', body: '{"message":"x"}' }),
      /^400 .*neither a form/,
    );
    assert.match(
      await refused(form({ message: 'x', conversation_id: '../x' })),
      /^400 .*conversation_id/,
    );
    assert.match(await refused(form({ message: ' ' })), /^400 .*no text/);
    assert.match(await refused(form({ message: 'x'.repeat(2_049) })), /^413/);
    assert.match(await refused(form({ message: 'x'.repeat(1_100_000) })), /^(400|413)/);
    const headers = { 'Content-Type': 'multipart/form-data' };
    assert.match(await refused({ method: 'POST', body: 'x', headers }), /^400 .*not a form/);
  });

  test('[CS8] [R42] a foreign or null Origin is refused where something is done; none comes in', async () => {
    const writer = await writerOf(store, 'alice', 'kept');
    await writer.run('r', 'hi', ['a']);
    const doing: [string, RequestInit][] = [
      ['/chat/new', { method: 'POST' }],
      ['/chat/', form({ message: 'error' })],
      ['/chat/', json({ message: 'error' })],
      ['/chat/history/kept', { method: 'DELETE' }],
    ];
    for (const [path, init] of doing) {
      for (const origin of ['null', 'https://evil.example', `${server.origin}.evil.example`, ''])
        assert.equal((await ask(path, init, { Origin: origin })).status, 403, path);
    }
    assert.equal(
      (await ask('/chat/new', { method: 'POST' }, { Origin: server.origin })).status,
      200,
    );
    assert.notEqual(await store.conversation('alice/kept'), null);
  });

  test('[CS8] without a sign-in nothing is answered', async () => {
    for (const [path, method] of [
      ['/chat/new', 'POST'],
      ['/chat/', 'POST'],
      ['/chat/history', 'GET'],
      ['/chat/history/kept', 'GET'],
      ['/chat/history/kept', 'DELETE'],
    ] as const) {
      const answer = await ask(path, { method }, { Cookie: '' });
      assert.equal(answer.status, 401, `${method} ${path}`);
    }
  });

  test('[CS10] history lists, reads and deletes conversations, of their user alone', async () => {
    const writer = await writerOf(store, 'dora', '00000000000a');
    await writer.run('r1', `What is up? ${'x'.repeat(100)}`, ['All ', 'well.']);
    await writer.run('r2', 'And now?', ['Still.']);
    const later = await writerOf(store, 'dora', '00000000000b');
    await later.run('r3', 'Short', ['Yes']);
    const as = { Cookie: await server.cookieFor('dora') };
    const list = (await (await ask('/chat/history', {}, as)).json()) as Record<string, unknown>[];
    assert.equal(list.length, 2);
    const first = list.find(({ id }) => id === '00000000000a');
    assert.equal(first?.message_count, 4);
    assert.equal(first?.preview, `What is up? ${'x'.repeat(38)}...`);
    assert.match(String(first?.created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(list.find(({ id }) => id === '00000000000b')?.preview, 'Short');

    const one = await ask('/chat/history/00000000000a', {}, as);
    const messages = (await one.json()) as Record<string, string>[];
    assert.deepEqual(
      messages.map(({ user, role, content }) => [user, role, content?.slice(0, 11)]),
      [
        ['dora', 'user', 'What is up?'],
        ['dora', 'assistant', 'All well.'],
        ['dora', 'user', 'And now?'],
        ['dora', 'assistant', 'Still.'],
      ],
    );
    for (const { ts } of messages) assert.match(ts ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    const path = '/chat/history/00000000000a';
    for (const method of ['GET', 'HEAD', 'DELETE'])
      assert.equal((await ask(path, { method })).status, 404, `${method} by another`);
    assert.equal((await ask(path, { method: 'HEAD' }, as)).status, 200);
    assert.equal((await ask('/chat/history', { method: 'HEAD' }, as)).status, 200);
    const gone = await ask(path, { method: 'DELETE' }, as);
    assert.deepEqual([gone.status, await gone.text()], [204, '']);
    assert.equal((await ask(path, {}, as)).status, 404);
    assert.equal((await ask(path, { method: 'DELETE' }, as)).status, 404);
    assert.equal((await ask('/chat/history/..%2fx', {}, as)).status, 404);
  });

  test('[CS10] no conversations, and one in which nothing was said, are empty arrays', async () => {
    const as = { Cookie: await server.cookieFor('nobody') };
    assert.deepEqual(await (await ask('/chat/history', {}, as)).json(), []);
    const times = { createdAt: 1e12, updatedAt: 1e12 };
    const thought = { id: 'm', role: 'reasoning' as const, content: 'Hm', metadata: times };
    await store.importConversation('nobody/empty', {
      sessionId: null,
      messages: [thought],
      ...times,
    });
    assert.deepEqual(await (await ask('/chat/history/empty', {}, as)).json(), []);
  });
});

test('[CS9] a limit is 429 with Retry-After, and a sentence', { timeout: 60_000 }, async () => {
  const server = await startServer({
    CHAT_MAX_REQUESTS_PER_HOUR: '0',
    CHAT_MAX_RUNS_PER_USER: '1',
  });
  const refused = async (headers: Record<string, string>) =>
    fetch(`${server.origin}/chat/`, { ...form({ message: 'hello' }), headers });
  try {
    const never = await refused({ Cookie: await server.cookieFor('alice') });
    assert.equal(never.status, 429);
    assert.equal(never.headers.get('retry-after'), null, 'it cannot be known');
  } finally {
    await server.stop();
  }
  const hourly = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  try {
    const as = { Cookie: await hourly.cookieFor('alice') };
    const ask = () =>
      fetch(`${hourly.origin}/chat/`, { ...form({ message: 'error' }), headers: as });
    assert.equal((await ask()).status, 502);
    const answer = await ask();
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 3_500);
    const { fault, message } = (await answer.json()) as Record<string, string>;
    assert.equal(fault, 'throttled');
    assert.match(message ?? '', /1 prompt an hour\. Try again in 60 minutes\./);
  } finally {
    await hourly.stop();
  }
});
