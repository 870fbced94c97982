/** Watching another user's conversation by a link: live, read-only, and no longer than its owner wants. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClientFrame, KeptFrame, Message } from '../../src/transport/protocol.ts';
import { WRONG_MAX } from '../../src/transport/shares.ts';
import type { ShareView, UploadView } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { PNG } from '../support/images.ts';
import { memoryStore } from '../support/memory-store.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** What the server allows itself between a withdrawal and the end of a reader's socket; tests wait no longer. */
const END_MS = 1_000;

type Answer = { id: string; share: ShareView };

/** What Claude may do is its owner's alone to know. */
const isTold = ({ chunk }: KeptFrame) => chunk.type !== 'CUSTOM' || chunk.name !== 'claude.init';

describe('a shared conversation', { timeout: 240_000 }, () => {
  const store = memoryStore();
  let server: TestServer;
  let amy: string;
  let bob: string;
  before(async () => {
    server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '1000' }, { store });
    amy = await server.cookieFor('amy');
    bob = await server.cookieFor('bob');
  });
  after(() => server.stop());

  const call = (method: string, path: string, cookie: string, body?: object) =>
    fetch(`${server.origin}/chat/${path}`, {
      method,
      redirect: 'manual',
      headers: { Cookie: cookie },
      ...(body && { body: JSON.stringify(body) }),
    });
  const faultOf = async (answer: Response) => [
    answer.status,
    ((await answer.json()) as { fault?: string }).fault,
  ];
  const open = (cookie: string, query = '') =>
    TestClient.open(server.webSocketUrl, server.origin, cookie, query);

  async function owned(threadId: string, words = 'hello'): Promise<TestClient> {
    const owner = await open(amy);
    await owner.hello(threadId);
    await owner.runEnded(owner.prompt(threadId, words));
    return owner;
  }
  async function share(threadId: string, ttlMs: number | null = null): Promise<string> {
    const answer = await call('POST', `api/conversations/${threadId}/share`, amy, { ttlMs });
    assert.equal(answer.status, 201);
    return ((await answer.json()) as Answer).id;
  }
  async function view(threadId: string): Promise<ShareView | null> {
    const answer = await call('GET', `api/conversations/${threadId}/share`, amy);
    return ((await answer.json()) as { share: ShareView | null }).share;
  }
  /** Says hello with a link, and waits until it has caught up. */
  async function watch(id: string, after: string | null = null, as = bob): Promise<TestClient> {
    const reader = await open(as, '?shared');
    reader.send({ type: 'hello', threadId: null, share: id, after, ref: 'hello' });
    await reader.direct('caughtUp');
    return reader;
  }
  /** Why a link was refused, as the socket was told before its end. */
  async function refused(id: string, as = bob): Promise<{ code: number; fault: string }> {
    const reader = await open(as, '?shared');
    reader.send({ type: 'hello', threadId: null, share: id, after: null });
    const { code } = await reader.closed;
    return { code, fault: (await reader.direct('fault')).code };
  }
  /** It must end within the second; a wait that is bounded, not timed. */
  async function ends(reader: TestClient, act: () => Promise<unknown>): Promise<number> {
    await act();
    reader.patienceMs = END_MS;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('it watches still')), END_MS);
    const { code } = await Promise.race([reader.closed, promise]);
    clearTimeout(timer);
    return code;
  }

  test('[LK2] a reader gets what was said, and what is said next as the owner gets it', async () => {
    const owner = await owned('live');
    const reader = await watch(await share('live'));
    const welcome = await reader.direct('welcome');
    assert.deepEqual(welcome.shared, { by: 'amy', title: 'hello' });
    assert.equal(welcome.user, 'bob');
    const { messages } = await reader.direct('reset');
    assert.ok(messages.length + reader.kept.length > 0);
    const [from, ownFrom] = [reader.kept.length, owner.kept.length];
    const runId = owner.prompt('live', 'and now?');
    await Promise.all([owner.runEnded(runId), reader.runEnded(runId)]);
    const isCost = (chunk: { type: string }) => /^RUN_(FINISHED|ERROR)$/.test(chunk.type);
    const seen = reader.kept.slice(from);
    const told = owner.kept.slice(ownFrom).filter(isTold);
    assert.deepEqual(
      seen.map(({ id }) => id),
      told.map(({ id }) => id),
    );
    assert.deepEqual(
      seen.filter(({ chunk }) => !isCost(chunk)),
      told.filter(({ chunk }) => !isCost(chunk)),
    );
    assert.ok(reader.frames.some((f) => 'type' in f && f.type === 'state' && f.runId === runId));
    await Promise.all([owner.close(), reader.close()]);
  });

  test('[LK2] a reader that comes back goes on from its cursor', async () => {
    const owner = await owned('resumed');
    const id = await share('resumed');
    const reader = await watch(id);
    await owner.runEnded(owner.prompt('resumed', 'second'));
    const last = owner.kept.at(-1)?.id ?? '';
    await reader.find((frame) => 'id' in frame && frame.id === last);
    await reader.close();
    await owner.runEnded(owner.prompt('resumed', 'third'));
    const again = await watch(id, last);
    assert.ok(!again.frames.some((frame) => 'type' in frame && frame.type === 'reset'));
    const at = owner.kept.findIndex((frame) => frame.id === last);
    const missed = owner.kept.slice(at + 1).filter(isTold);
    assert.deepEqual(
      again.kept.map(({ id }) => id),
      missed.map(({ id }) => id),
    );
    await Promise.all([owner.close(), again.close()]);
  });

  test('[LK6] a reader is told no costs, no budgets, no choices and nothing that waits', async () => {
    const owner = await owned('costs');
    const reader = await watch(await share('costs'));
    const runId = owner.prompt('costs', 'what does that cost?');
    owner.prompt('costs', 'a secret that waits');
    const own = await owner.runEnded(runId);
    assert.ok('usage' in own);
    const shown = await reader.runEnded(runId);
    assert.ok(!('usage' in shown) && !('result' in shown));
    const types = new Set(reader.frames.map((frame) => ('type' in frame ? frame.type : 'kept')));
    const direct = ['welcome', 'reset', 'caughtUp', 'state', 'reply', 'kept', 'ping'];
    assert.deepEqual(
      [...types].filter((type) => !direct.includes(type)),
      [],
    );
    await Promise.all([owner.close(), reader.close()]);
  });

  test('[LK4] every frame but hello and pong is refused, and changes nothing', async () => {
    const owner = await owned('refusing');
    const reader = await watch(await share('refusing'));
    const input = { messages: [{ id: 'u', role: 'user', content: 'mine' }] as Message[] };
    const frames: Record<string, ClientFrame> = {
      'hello without a link': { type: 'hello', threadId: 'refusing', after: null },
      abort: { type: 'abort', runId: 'r' },
      unpark: { type: 'unpark', runId: 'r' },
      sendNow: { type: 'sendNow', runId: 'r' },
      warm: { type: 'warm' },
      choose: { type: 'choose', model: 'opus' },
    };
    for (const [ref, frame] of Object.entries(frames)) {
      const from = reader.frames.length;
      reader.send({ ...frame, ref });
      const reply = await reader.direct('reply', from);
      assert.deepEqual([reply.ref, reply.fault], [ref, 'share.readOnly']);
    }
    const answers = { resume: [{ interruptId: 'i', status: 'resolved', payload: true }] };
    for (const more of [{}, answers]) {
      const from = reader.frames.length;
      reader.send({ threadId: 'refusing', runId: 'r-bob', ...input, ...more });
      assert.equal((await reader.event('RUN_ERROR', from)).code, 'share.readOnly');
    }
    assert.equal(await store.run('bob', 'r-bob'), null);
    assert.equal((await store.head('bob/refusing')).exists, false);
    assert.deepEqual(await store.choice('amy/refusing'), await store.choice('amy/never'));
    reader.send({ type: 'pong', ref: 'pong' });
    await reader.find((f) => 'type' in f && f.type === 'reply' && f.ref === 'pong' && !f.fault);
    await Promise.all([owner.close(), reader.close()]);
  });

  test('[LK4] a socket that does not watch by links takes none, and reads nothing with one', async () => {
    const owner = await owned('plain');
    const id = await share('plain');
    const plain = await open(bob);
    plain.send({ type: 'hello', threadId: 'plain', after: null, share: id });
    assert.equal((await plain.direct('welcome')).shared, undefined);
    assert.deepEqual((await plain.direct('reset')).messages, []);
    await Promise.all([owner.close(), plain.close()]);
  });

  test('[LK4] over HTTP a reader has no more than before: no route knows the conversation', async () => {
    const owner = await owned('routes');
    const reader = await watch(await share('routes'));
    const at = 'api/conversations/routes';
    const routes: [string, string, object?][] = [
      ['GET', at],
      ['PATCH', at, { title: 'mine' }],
      ['DELETE', at],
      ['GET', `${at}/messages`],
      ['GET', `${at}/results/t1`],
      ['GET', `${at}/export`],
      ['POST', `${at}/fork`, { before: 'r' }],
      ['GET', `${at}/branches`],
      ['GET', `${at}/share`],
      ['POST', `${at}/share`, {}],
      ['DELETE', `${at}/share`],
    ];
    for (const [method, path, body] of routes)
      assert.deepEqual(
        await faultOf(await call(method, path, bob, body)),
        [404, 'conversation.unknown'],
        `${method} ${path}`,
      );
    const run = [...owner.events].reverse().find((event) => event.type === 'RUN_FINISHED');
    const runId = run?.type === 'RUN_FINISHED' ? run.runId : '';
    const abort = await call('POST', `api/runs/${runId}/abort`, bob);
    assert.deepEqual(await faultOf(abort), [404, 'run.unknown']);
    const list = await call('GET', 'api/conversations', bob);
    assert.deepEqual(((await list.json()) as { conversations: unknown[] }).conversations, []);
    await Promise.all([owner.close(), reader.close()]);
  });

  test('[LK5] earlier messages come for the link, and for nothing else', async () => {
    const owner = await owned('paged');
    await owner.runEnded(owner.prompt('paged', 'second'));
    const id = await share('paged');
    const head = owner.kept.at(-1)?.id ?? '';
    const ask = (body: object, as = bob) => call('POST', 'api/shared/messages', as, body);
    const page = (await (await ask({ share: id, before: head })).json()) as { messages: Message[] };
    assert.ok(page.messages.some(({ content }) => content === 'hello'));
    assert.deepEqual(await faultOf(await ask({ share: id })), [400, 'request.malformed']);
    const wrong = { share: 'x'.repeat(43), before: head };
    assert.deepEqual(await faultOf(await ask(wrong)), [404, 'share.unknown']);
    assert.equal((await ask({ share: id, before: head }, '')).status, 401);
    await owner.close();
  });

  test('[LK5] an image of the conversation is shown to who watches it, as long as they do', async () => {
    const owner = await open(amy);
    await owner.hello('pictured');
    const bring = async (bytes: Buffer) => {
      const answer = await fetch(`${server.origin}/chat/api/uploads`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { Cookie: amy, 'Content-Type': 'image/png' },
      });
      return ((await answer.json()) as UploadView).url;
    };
    const url = await bring(PNG);
    const other = await bring(Buffer.concat([PNG, Buffer.from('x')]));
    const image = { type: 'image', source: { type: 'url', value: url } };
    const messages = [{ id: 'u', role: 'user', content: [image, { type: 'text', text: 'look' }] }];
    owner.send({ threadId: 'pictured', runId: 'r-pictured', messages, tools: [], context: [] });
    await owner.runEnded('r-pictured');
    const show = (path: string, as: string) => call('GET', path.replace('/chat/', ''), as);
    assert.equal((await show(url, bob)).status, 404);
    const reader = await watch(await share('pictured'));
    const shown = await show(url, bob);
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), PNG);
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    assert.equal((await show(other, bob)).status, 404, 'of no prompt of this conversation');
    assert.equal((await show(url, await server.cookieFor('eve'))).status, 404);
    await ends(reader, () => call('DELETE', 'api/conversations/pictured/share', amy));
    assert.equal((await show(url, bob)).status, 404);
    await owner.close();
  });

  test('[LK7] a link that is withdrawn ends who watches, in mid-run, and is not taken up again', async () => {
    const owner = await owned('withdrawn');
    const id = await share('withdrawn');
    const reader = await watch(id);
    const runId = owner.prompt('withdrawn', 'flood');
    await reader.event('TEXT_MESSAGE_CONTENT');
    const last = reader.kept.at(-1)?.id ?? null;
    const revoke = () => call('DELETE', 'api/conversations/withdrawn/share', amy);
    assert.equal(await ends(reader, revoke), 4404);
    const again = await open(bob, '?shared');
    again.send({ type: 'hello', threadId: null, share: id, after: last });
    assert.equal((await again.closed).code, 4404);
    assert.deepEqual(again.kept, []);
    assert.deepEqual(await faultOf(await revoke()), [404, 'share.unknown']);
    assert.equal(await view('withdrawn'), null);
    await owner.runEnded(runId);
    await owner.close();
  });

  test('[LK7] so do its expiry, a new link in its place, and the end of the conversation', async () => {
    const owner = await owned('ending');
    const brief = await watch(await share('ending', 1_000));
    assert.equal((await brief.closed).code, 4404);
    const [first, link] = [await share('ending'), 'api/conversations/ending/share'];
    const replaced = await watch(first);
    assert.equal(await ends(replaced, () => call('POST', link, amy, {})), 4404);
    const id = await share('ending');
    const deleted = await watch(id);
    assert.equal(await ends(deleted, () => call('DELETE', 'api/conversations/ending', amy)), 4404);
    await call('PATCH', 'api/conversations/ending', amy, { deleted: false });
    assert.equal((await refused(id)).code, 4404, 'an undo brings no link back');
    await owner.close();
  });

  test('[LK1] [LK3] its owner sees since when it is shared and who has it open; a hash alone is kept', async () => {
    const owner = await owned('seen');
    assert.equal(await view('seen'), null);
    const id = await share('seen', 60_000);
    assert.match(id, /^[A-Za-z0-9_-]{43}$/);
    const reader = await watch(id);
    const own = await watch(id, null, amy);
    const seen = await view('seen');
    assert.equal(Number(seen?.expiresAt) - Number(seen?.createdAt), 60_000);
    assert.deepEqual(
      seen?.readers.map(({ user, isWatching }) => [user, isWatching]),
      [['bob', true]],
    );
    assert.ok(!JSON.stringify(seen).includes(id));
    const kept = await store.shareOf('amy/seen', Date.now());
    assert.ok(kept && kept.idHash !== id);
    assert.equal((await refused(kept.idHash)).code, 4404, 'what is kept opens nothing');
    await Promise.all([reader.close(), own.close()]);
    await reader.closed;
    for (const ttlMs of [0, -1, 1.5, '1', 1e12])
      assert.deepEqual(
        await faultOf(await call('POST', 'api/conversations/seen/share', amy, { ttlMs })),
        [400, 'request.malformed'],
      );
    await owner.close();
  });

  test('[LK8] who tries links that do not work is not listened to after a while, and others are', async () => {
    const owner = await owned('guessed');
    const id = await share('guessed');
    const eve = await server.cookieFor('eve');
    for (let i = 0; i < WRONG_MAX; i += 1)
      assert.deepEqual(await refused(i.toString().padStart(43, 'g'), eve), {
        code: 4404,
        fault: 'share.unknown',
      });
    const tooMany = { code: 4429, fault: 'share.tooMany' };
    assert.deepEqual(await refused('g'.repeat(43), eve), tooMany);
    assert.deepEqual(await refused(id, eve), tooMany, 'a right one, too');
    const asked = await call('POST', 'api/shared/messages', eve, { share: id, before: '1.1' });
    assert.deepEqual(await faultOf(asked), [429, 'share.tooMany']);
    const reader = await watch(id);
    await Promise.all([owner.close(), reader.close()]);
  });

  test('[LK9] nobody comes in without a sign-in, and the page a link leads to keeps its id from everyone', async () => {
    await assert.rejects(open('', '?shared'), /401/);
    const page = await call('GET', 'shared', '');
    assert.equal(page.status, 200);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/);
    const ends = await server.cookieFor('bob', 600_000);
    const owner = await owned('signed-out');
    const reader = await watch(await share('signed-out'), null, ends);
    await call('POST', 'logout', ends);
    assert.equal((await reader.closed).code, 4401);
    await owner.close();
  });
});
