/** What happens between a question to the store and its answer: every test holds the store back. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_TRACES } from '../../src/telemetry/traces.ts';
import { Drafts } from '../../src/transport/drafts.ts';
import type { Peer } from '../../src/transport/peer.ts';
import { PromptDesk, type PromptDeskParts } from '../../src/transport/prompt-desk.ts';
import type { RunInput } from '../../src/transport/protocol.ts';
import { TestClient } from '../support/client.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { PNG } from '../support/images.ts';
import { isGone, rawRequest, UPGRADE_HEADERS } from '../support/raw.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn, signInsOn } from '../support/sign-ins.ts';

async function setUp(env: Record<string, string> = {}) {
  const held = heldStore();
  const server = await startServer(env, { store: held.store });
  const cookie = await server.cookieFor('alice');
  const open = (query = '') => TestClient.open(server.webSocketUrl, server.origin, cookie, query);
  return { held, server, cookie, open, [Symbol.asyncDispose]: () => server.stop().then(() => {}) };
}

const post = (server: TestServer, path: string, cookie: string) =>
  fetch(server.origin + path, { method: 'POST', redirect: 'manual', headers: { cookie } });

test('[R37] a sign-in that ends while a request uses it stays ended', async () => {
  // SignIns.extend reads, then writes the whole record back: the write revives what was revoked in between.
  await using at = await setUp();
  const { idHash } = await oldSignIn(at.held.store);
  const old = at.held.hold('getSignIn');
  const signIns = signInsOn(at.held.store);
  const used = signIns.extend(idHash);
  await old.waiting();
  await signIns.end(idHash);
  old.release();
  await used;
  assert.equal(await at.held.store.getSignIn(idHash, Date.now()), null);
});

async function oldSignIn(store: ReturnType<typeof heldStore>['store']) {
  const old = signIn();
  await store.putSignIn(old);
  return old;
}

test('[R37] a sign-in that ends while an upgrade is being verified opens no socket', async () => {
  // Revocations reach open connections only; one between its check and its 101 is missed.
  await using at = await setUp();
  const verifying = at.held.hold('getSignIn');
  const opening = at.open().then(
    (client) => client,
    () => null,
  );
  await verifying.waiting();
  await at.held.store.revokeUser('alice');
  verifying.release();
  const client = await opening;
  const code = client && (await Promise.race([client.closed, settle(200).then(() => null)]))?.code;
  client?.socket.terminate();
  assert.ok(client === null || code === 4401, 'the socket lives on after the sign-in ended');
});

test('[R37] a request whose sign-in ends between two looks at it is not served', async () => {
  await using at = await setUp();
  const first = at.held.hold('getSignIn');
  const asked = fetch(`${at.server.origin}/chat/auth/verify`, { headers: { cookie: at.cookie } });
  await first.waiting();
  first.release();
  const second = at.held.hold('getSignIn', 'call');
  await second.waiting();
  await at.held.store.revokeUser('alice');
  second.release();
  assert.equal((await asked).status, 401);
});

test('[R37] a prompt of a sign-in that has ended is not taken, though its socket has not heard of it', async () => {
  const ended = { signIns: { extend: async () => null } } as unknown as PromptDeskParts;
  const trace = NO_TRACES.session({ id: '', route: '', isWebSocket: true, traceparent: undefined });
  const desk = new PromptDesk(ended, new Drafts(), trace);
  const input = { threadId: 't', runId: 'r', messages: [] } as unknown as RunInput;
  const peer = { identity: { user: 'alice', signInId: 's' } } as unknown as Peer;
  await assert.rejects(desk.take(input, peer), { code: 'auth.expired' });
});

test('[R31] a refused upgrade is let go even where the client holds its end open', async () => {
  // Door.refuse only ends its own side: the socket stays, with no timeout, for as long as the client likes.
  await using at = await setUp();
  const answer = await rawRequest(at.server.origin, '/chat/ws', {
    ...UPGRADE_HEADERS,
    Origin: at.server.origin,
  });
  assert.equal(answer.status, 401);
  const gone = await isGone(answer.socket);
  answer.socket.destroy();
  assert.equal(gone, true);
});

test('[R31] sockets refused for one user’s cap take no room from others', async () => {
  // The refused session stays `idle` in the registry until the client lets go, and counts as a socket.
  await using at = await setUp({ CHAT_MAX_SOCKETS: '3', CHAT_MAX_SOCKETS_PER_USER: '1' });
  const own = await at.open();
  const refused = [];
  for (let i = 0; i < 2; i++) {
    const answer = await rawRequest(at.server.origin, '/chat/ws', {
      ...UPGRADE_HEADERS,
      Origin: at.server.origin,
      Cookie: at.cookie,
    });
    assert.equal(answer.status, 503);
    refused.push(answer.socket);
  }
  const other = await TestClient.open(
    at.server.webSocketUrl,
    at.server.origin,
    await at.server.cookieFor('bob'),
  ).catch(() => null);
  for (const socket of refused) socket.destroy();
  await own.close();
  await other?.close();
  assert.notEqual(other, null, 'bob is refused because of alice');
});

test('[R9] a socket that closes during its hello leaves no watcher behind', async () => {
  // Viewer.watch goes on after the close, and opens a watcher that nobody ends.
  await using at = await setUp();
  const client = await at.open();
  const heads = at.held.hold('head');
  client.send({ type: 'hello', threadId: randomUUID(), after: null });
  await heads.waiting();
  client.socket.terminate();
  await client.closed;
  await settle(50);
  heads.release();
  await settle(50);
  assert.equal(at.held.tails, 0);
});

test('[R9] a stock socket that closes while its prompt is taken leaves no watcher behind', async () => {
  await using at = await setUp();
  const client = await at.open();
  const heads = at.held.hold('head');
  client.prompt(randomUUID(), 'error');
  await heads.waiting();
  client.socket.terminate();
  await client.closed;
  await settle(50);
  heads.release();
  await settle(50);
  assert.equal(at.held.tails, 0);
});

test('[R8] two prompts at once on a stock socket open one watcher: nothing comes twice', async () => {
  // Viewer.follow looks for a watcher, waits for the store, then opens one: two calls open two.
  await using at = await setUp();
  const client = await at.open();
  const heads = at.held.hold('head');
  const threadId = randomUUID();
  const first = client.prompt(threadId, 'error, one');
  const second = client.prompt(threadId, 'error, two');
  await heads.waiting();
  await settle(50);
  heads.release();
  await client.runEnded(first);
  await client.runEnded(second);
  const ids = client.kept.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
  await client.close();
  await settle(50);
  assert.equal(at.held.tails, 0);
});

test('[R8] a hello right behind a prompt opens one watcher: nothing comes twice', async () => {
  await using at = await setUp();
  const client = await at.open();
  const heads = at.held.hold('head');
  const threadId = randomUUID();
  const runId = client.prompt(threadId, 'error, one');
  await heads.waiting();
  client.send({ type: 'hello', threadId, after: null });
  await heads.waiting();
  await settle(50);
  heads.release();
  await client.runEnded(runId);
  const ids = client.kept.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
  await client.close();
});

test('[R28] a prompt whose socket closes while it is counted is charged only if it runs', async () => {
  // limits.granted reaches a session that has ended: no submit, and nobody gives the ticket back.
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello(randomUUID());
  const takes = at.held.hold('take');
  const runId = client.prompt(threadId, 'error');
  await takes.waiting();
  client.socket.terminate();
  await client.closed;
  await settle(50);
  takes.release();
  await settle(50);
  const { hour } = await at.held.store.uses('alice', Date.now());
  const run = await at.held.store.run('alice', runId);
  assert.equal(hour.used, run === null ? 0 : 1);
});

test('[R28] a prompt that is taken back while it is counted is not charged', async () => {
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello(randomUUID());
  const refusal = { limit: 'runs', max: 1, remaining: 0, retryAfterMs: null, resetAt: null };
  at.held.answer('take', { ok: false, ...refusal });
  const runId = client.prompt(threadId, 'error');
  await client.direct('throttled');
  const takes = at.held.hold('take');
  await at.held.store.giveBack('alice', 'another'); // the user’s limits ease
  await takes.waiting();
  client.send({ type: 'unpark', runId, ref: 'u' });
  await settle(50);
  takes.release();
  await client.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'u');
  assert.equal(await at.held.store.run('alice', runId), null);
  const { hour } = await at.held.store.uses('alice', Date.now());
  assert.equal(hour.used, 0);
  await client.close();
});

test('[R11] a prompt that was kept, but could not be handed on, runs when it is sent again', async () => {
  // The run stays accepted and never starts; its repeat is a duplicate, which attaches to nothing for ever.
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello(randomUUID());
  at.held.fail('acquire');
  const runId = client.prompt(threadId, 'error');
  assert.equal((await client.closed).code, 1013);
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error', runId);
  const reply = await again.direct('reply');
  assert.equal(reply.fault, null);
  await settle(50);
  const live = again.events.some(({ type }) => type === 'RUN_STARTED');
  const ended = live || (await Promise.race([again.runEnded(runId), patience()])) !== null;
  again.socket.terminate();
  assert.ok(ended, 'the prompt was accepted twice and never ran');
});

/** A demo agent answers `error` in a fraction of this. */
const patience = () => new Promise<null>((resolve) => setTimeout(() => resolve(null), 3_000));

test('[R20] a store that fails is told as a fault frame, then 1013', async () => {
  // No `fault` frame is ever sent.
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello(randomUUID());
  at.held.fail('take');
  client.prompt(threadId, 'error');
  assert.equal((await client.closed).code, 1013);
  const fault = client.frames.find((frame) => 'type' in frame && frame.type === 'fault');
  assert.equal((fault as { code?: string } | undefined)?.code, 'store.unavailable');
});

test('[R7] the same run id with another text is refused while the first is parked', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const client = await at.open();
  const threadId = await client.hello(randomUUID());
  await client.runEnded(client.prompt(threadId, 'error'));
  const runId = client.prompt(threadId, 'one');
  await client.direct('throttled');
  const from = client.frames.length;
  client.prompt(threadId, 'another', runId);
  assert.equal((await client.direct('reply', from)).fault, 'run.idReused');
  await client.close();
});

test('[R52] frames that wait for a slow store are bounded', async () => {
  // Connection.#work is bounded by 256 frames, so by 256 MB a socket; nothing stops reading from the socket.
  await using at = await setUp();
  const client = await at.open();
  const heads = at.held.hold('head');
  client.send({ type: 'hello', threadId: randomUUID(), after: null });
  await heads.waiting();
  const megabyte = `{"type":"pong","pad":"${'x'.repeat(1_000_000)}"}`;
  for (let i = 0; i < 64; i++) client.send(megabyte);
  const swallowed = await Promise.race([
    new Promise<boolean>((resolve) => {
      const timer = setInterval(() => {
        if (client.socket.bufferedAmount > 0) return;
        clearInterval(timer);
        resolve(true);
      }, 5);
      void client.closed.then(() => clearInterval(timer));
    }),
    client.closed.then(({ code }) => code),
    patience(),
  ]);
  heads.release();
  client.socket.terminate();
  assert.notEqual(swallowed, true, 'the server took 64 MB of frames it could not handle yet');
});

test('[R12] a client that asks and does not read costs a bounded amount', async () => {
  // Each hello is answered by up to 256 KB of reset, with no look at what is unsent.
  await using at = await setUp();
  const threadId = randomUUID();
  const writer = await writerOf(at.held.store, 'alice', threadId);
  for (let i = 0; i < 10; i++) await writer.run(`r${i}`, 'hi', ['x'.repeat(20_000)]);
  const client = await at.open();
  client.socket.pause();
  const before = process.memoryUsage();
  for (let round = 0; round < 40; round++) {
    const handled = at.held.calls.filter((call) => call === 'uses').length;
    for (let i = 0; i < 10; i++) client.send({ type: 'hello', threadId, after: null });
    for (let i = 0; i < 200; i++) {
      await settle(1);
      if (at.held.calls.filter((call) => call === 'uses').length >= handled + 10) break;
    }
  }
  const after = process.memoryUsage();
  const grown = after.rss - before.rss;
  client.socket.terminate();
  assert.ok(grown < 32 * 1024 * 1024, `${Math.round(grown / 1e6)} MB for 24 KB of hellos`);
});

test('[R37] logout closes every socket of its sign-in and no other', async () => {
  await using at = await setUp();
  const [one, two] = [await at.open(), await at.open()];
  const other = await TestClient.open(
    at.server.webSocketUrl,
    at.server.origin,
    await at.server.cookieFor('alice'),
  );
  const answer = await post(at.server, '/chat/logout', at.cookie);
  assert.equal(answer.status, 303);
  assert.deepEqual([(await one.closed).code, (await two.closed).code], [4401, 4401]);
  await other.hello();
  await post(at.server, '/chat/logout?everywhere', await at.server.cookieFor('alice'));
  assert.equal((await other.closed).code, 4401);
});

test('[R37] [SI5] where the store does not answer, logging out does not say that it did', async () => {
  await using at = await setUp();
  at.held.fail('getSignIn');
  const answer = await post(at.server, '/chat/logout', at.cookie);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('set-cookie'), null, 'it can be tried again');
});

test('[R7] one run id with two texts from two sockets at once is one run, and one refusal', async () => {
  await using at = await setUp();
  const [one, two] = [await at.open(), await at.open()];
  const threadId = await one.hello(randomUUID());
  await two.hello(threadId);
  const runs = at.held.hold('run');
  const runId = randomUUID();
  one.prompt(threadId, 'error, one', runId);
  two.prompt(threadId, 'error, two', runId);
  await runs.waiting();
  await settle(50);
  runs.release();
  await one.runEnded(runId);
  const refused = (client: TestClient) =>
    client.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === runId);
  const replies = await Promise.all([refused(one), refused(two)]);
  const faults = replies.map((reply) => ('fault' in reply ? reply.fault : null));
  assert.deepEqual(
    faults.filter((fault) => fault !== null),
    ['run.idReused'],
  );
  await settle(50);
  const { hour } = await at.held.store.uses('alice', Date.now());
  assert.equal(hour.used, 1);
  await Promise.all([one.close(), two.close()]);
});

test('[R28] a prompt that could not be kept is not charged', async () => {
  // The ticket is given back on refusals only, not where the store fails behind it.
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello();
  at.held.fail('accept');
  client.prompt(threadId, 'error');
  assert.equal((await client.closed).code, 1013);
  await settle(50);
  const { hour } = await at.held.store.uses('alice', Date.now());
  assert.equal(hour.used, 0);
});

test('[R7] a stock client that names an older run of a conversation it follows gets that run', async () => {
  // Viewer.follow returns where the conversation has a watcher already, wherever that one stands.
  await using at = await setUp();
  const threadId = randomUUID();
  const first = await at.open();
  const older = first.prompt(threadId, 'error, the older');
  await first.runEnded(older);
  await first.close();
  const second = await at.open();
  const newer = second.prompt(threadId, 'error, the newer');
  await second.runEnded(newer);
  second.prompt(threadId, 'error, the older', older);
  const seen = await Promise.race([
    second.find(
      (frame) =>
        'chunk' in frame && frame.chunk.type === 'RUN_STARTED' && frame.chunk.runId === older,
    ),
    patience(),
  ]);
  second.socket.terminate();
  assert.notEqual(seen, null, 'it waits for a run it was told it is attached to');
});

test('[R20] a store that fails while a prompt is taken back is not the end of the server', async () => {
  // The supervisor lets the promise of `withdraw` go: its rejection is unhandled, and ends the process with 70.
  await using at = await setUp();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.prependListener('unhandledRejection', note);
  const client = await at.open();
  const threadId = await client.hello();
  const first = client.prompt(threadId, 'slow, please');
  await client.event('RUN_STARTED');
  const second = client.prompt(threadId, 'behind it');
  await client.find((f) => 'type' in f && f.type === 'pending' && f.items.length === 1);
  at.held.fail('withdraw');
  client.send({ type: 'abort', runId: second, ref: 'a' });
  await client.find((f) => 'type' in f && f.type === 'reply' && f.ref === 'a');
  await settle(50);
  client.send({ type: 'abort', runId: first });
  await client.runEnded(first);
  await client.close();
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('[R42] an abort by HTTP from a foreign page is refused', async () => {
  // Logout looks at the Origin, the abort route does not: pages of a sibling domain send the cookie along.
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello();
  const runId = client.prompt(threadId, 'slow, please');
  await client.event('RUN_STARTED');
  const answer = await fetch(`${at.server.origin}/chat/api/runs/${runId}/abort`, {
    method: 'POST',
    headers: { cookie: at.cookie, origin: 'https://forge.example' },
  });
  client.send({ type: 'abort', runId });
  await client.runEnded(runId);
  await client.close();
  assert.equal(answer.status, 403);
});

test('[R19] an abort by HTTP stops the run', async () => {
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello();
  const runId = client.prompt(threadId, 'slow, please');
  await client.event('RUN_STARTED');
  const answer = await post(at.server, `/chat/api/runs/${runId}/abort`, at.cookie);
  assert.equal(answer.status, 202);
  const end = await client.runEnded(runId);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  await client.close();
});

test('[R52] a client that was held back while the store was slow goes on when it is not', async () => {
  await using at = await setUp();
  const client = await at.open();
  const heads = at.held.hold('head');
  client.send({ type: 'hello', threadId: randomUUID(), after: null });
  await heads.waiting();
  for (let i = 0; i < 3; i++) client.send(`{"type":"pong","pad":"${'x'.repeat(200_000)}"}`);
  await settle(50);
  heads.release();
  await client.direct('caughtUp');
  await client.hello();
  await client.close();
});

test('[R37] what is brought along is not kept where its sign-in ends before all of it came', async () => {
  await using at = await setUp();
  const bring = (method: string, path: string, type: string) =>
    request(at.server.origin + path, {
      method,
      headers: { Cookie: at.cookie, 'Content-Type': type, 'Content-Length': PNG.length },
    });
  const sent = [
    bring('POST', '/chat/api/uploads', 'image/png'),
    bring('PUT', '/chat/api/files/content?path=a.png', 'image/png'),
  ];
  const used = at.held.calls.filter((call) => call === 'getSignIn').length;
  for (const one of sent) one.write(PNG.subarray(0, 8));
  await at.held.called('getSignIn', used + 4); // each is verified and extended
  await settle(50);
  await at.held.store.revokeUser('alice');
  for (const one of sent) one.end(PNG.subarray(8));
  const answers = await Promise.all(sent.map((one) => once(one, 'response')));
  assert.deepEqual(
    answers.map(([{ statusCode }]) => statusCode),
    [401, 401],
  );
  const files = join(at.server.dataDir, 'users', 'alice', 'workspace', 'a.png');
  assert.equal(existsSync(files), false);
});
