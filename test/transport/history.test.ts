/** Conversations over HTTP, and the feed that keeps lists of them in step. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConversationPage, ConversationView, MessagePage } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const store = memoryStore();
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({}, { store });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const ask = (path: string, init: RequestInit = {}, as = cookie) =>
  fetch(`${server.origin}/chat/api/conversations${path}`, {
    ...init,
    headers: { Cookie: as, ...init.headers },
  });
const _list = async (query = '') => (await (await ask(query)).json()) as ConversationPage;
const patch = (thread: string, body: unknown) =>
  ask(`/${thread}`, { method: 'PATCH', body: JSON.stringify(body) });
const faultOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { fault: string }).fault,
];

test('a list comes with an ETag, and is not sent twice', async () => {
  await (await writerOf(store, 'alice', 'etag')).run('e1', 'first prompt', ['answer']);
  const answer = await ask('');
  assert.equal(answer.status, 200);
  const etag = answer.headers.get('etag') ?? '';
  const again = await ask('', { headers: { 'If-None-Match': etag } });
  assert.equal(again.status, 304);
  await patch('etag', { title: 'Another' });
  assert.equal((await ask('', { headers: { 'If-None-Match': etag } })).status, 200);
  const head = await ask('', { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
});

test('[R55] another user’s conversation answers like one that never was, whatever is asked of it', async () => {
  await (await writerOf(store, 'alice', 'own')).run('o1', 'mine', ['a']);
  const bob = await server.cookieFor('bob');
  for (const thread of ['own', 'never'])
    for (const [path, init] of [
      ['', {}],
      ['/messages', {}],
      ['/export', {}],
      ['', { method: 'DELETE' }],
      ['', { method: 'PATCH', body: '{"title":"x"}' }],
      ['', { method: 'PATCH', body: '{"deleted":false}' }],
      ['', { method: 'PATCH', body: '{"pinned":true}' }],
    ] as const) {
      const answer = await ask(`/${thread}${path}`, init, bob);
      assert.deepEqual(await faultOf(answer), [404, 'conversation.unknown'], `${thread}${path}`);
    }
  assert.equal((await ask('', {}, '')).status, 401);
  assert.equal((await ask('/own', {}, '')).status, 401);
  assert.equal((await ask('/own')).status, 200, 'it is still there');
});

test('[R42] a page of another origin changes nothing', async () => {
  await (await writerOf(store, 'alice', 'origin')).run('or1', 'mine', ['a']);
  const evil = { Origin: 'https://evil.example' };
  const answers = [
    await ask('/origin', { method: 'DELETE', headers: evil }),
    await ask('/origin', { method: 'PATCH', body: '{"title":"x"}', headers: evil }),
  ];
  for (const answer of answers) assert.deepEqual(await faultOf(answer), [403, 'origin.refused']);
  assert.equal(((await (await ask('/origin')).json()) as ConversationView).title, 'mine');
});

test('what cannot be read is refused, and says what would be accepted', async () => {
  await (await writerOf(store, 'alice', 'bad')).run('b1', 'mine', ['a']);
  const refused = [
    patch('bad', { title: '' }),
    patch('bad', { title: 'x'.repeat(201) }),
    patch('bad', { title: 5 }),
    patch('bad', { deleted: true }),
    patch('bad', [1]),
    ask('?limit=x'),
    ask('/bad', { method: 'PATCH', body: '{' }),
    ask('/bad', { method: 'PATCH', body: `{"title":"${'x'.repeat(5_000)}"}` }),
    ask('?limit=0'),
    ask('?limit=101'),
    ask('/bad/messages?limit=201'),
    ask('/bad/messages?before=x'),
    ask('/bad/export?format=pdf'),
  ];
  for (const answer of await Promise.all(refused))
    assert.deepEqual(await faultOf(answer), [400, 'request.malformed']);
  assert.equal((await ask('/bad', { method: 'PUT' })).headers.get('allow'), 'GET, PATCH, DELETE');
});

test('[R8] every socket of a user hears how a list changes, and nobody else', async () => {
  const clients = await Promise.all(
    [cookie, cookie, await server.cookieFor('bob')].map((as) =>
      TestClient.open(server.webSocketUrl, server.origin, as),
    ),
  );
  const [first, second, other] = clients as [TestClient, TestClient, TestClient];
  for (const client of clients) await client.hello();
  const thread = await first.hello();
  const run = first.prompt(thread, 'hello there');
  await first.runEnded(run);
  await patch(thread, { title: 'Renamed' });
  await ask(`/${thread}`, { method: 'DELETE' });
  await patch(thread, { deleted: false });
  const changes = (client: TestClient) =>
    client.frames.flatMap((frame) =>
      'type' in frame && frame.type === 'conversation' && frame.threadId === thread
        ? [frame.conversation]
        : [],
    );
  await second.find(
    () => changes(second).at(-1)?.title === 'Renamed' && changes(second).includes(null),
  );
  const activities = changes(second).map((change) => change?.activity);
  assert.ok(activities.includes('running') && activities.includes(null));
  assert.equal(changes(second)[0]?.title, 'hello there');
  assert.deepEqual(changes(other), []);
  await Promise.all(clients.map((client) => client.close()));
});

test('a running turn is stopped when its conversation is deleted; undone, it is all there', async () => {
  const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  const thread = await client.hello();
  const run = client.prompt(thread, 'a slow one');
  await client.event('TEXT_MESSAGE_CONTENT');
  const gone = (await (await ask(`/${thread}`, { method: 'DELETE' })).json()) as {
    restorableUntil: number;
  };
  assert.ok(gone.restorableUntil > Date.now());
  assert.deepEqual(await faultOf(await ask(`/${thread}`)), [404, 'conversation.unknown']);
  await client.runEnded(run);
  assert.equal((await patch(thread, { deleted: false })).status, 200);
  const { messages } = (await (await ask(`/${thread}/messages`)).json()) as MessagePage;
  assert.equal(messages[0]?.content, 'a slow one');
  assert.notEqual(messages.at(-1)?.metadata?.ended, undefined, 'and how it ended');
  await client.close();
});

test('an export holds every message once, oldest first, in each format', async () => {
  const writer = await writerOf(store, 'alice', 'export');
  for (let i = 0; i < 450; i++) await writer.run(`x${i}`, `question ${i}`, [`answer ${i}`]);
  await patch('export', { title: 'Größe: "a/b"' });
  const text = async (format: string) => (await ask(`/export/export?format=${format}`)).text();
  const expected = Array.from({ length: 450 }, (_, i) => [`question ${i}`, `answer ${i}`]).flat();
  const lines = (await text('ndjson')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).content),
    expected,
  );
  const whole = JSON.parse(await text('json'));
  assert.equal(whole.title, 'Größe: "a/b"');
  assert.deepEqual(
    whole.messages.map(({ content }: { content: string }) => content),
    expected,
  );
  const markdown = await text('md');
  assert.match(
    markdown,
    /^# Größe: "a\/b"\n\n## You · \d{4}-\d\d-\d\d \d\d:\d\d UTC\n\nquestion 0\n/,
  );
  assert.equal(markdown.match(/^answer \d+$/gm)?.length, 450);
  const answer = await ask('/export/export?format=md');
  assert.equal(
    answer.headers.get('content-disposition'),
    `attachment; filename="Gr__e a b.md"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20a%20b.md`,
  );
  await answer.body?.cancel();
});
