import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SignInList } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

describe('the list of sign-ins', { timeout: 30_000 }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const ask = (path: string, cookie: string, method = 'GET', headers = {}) =>
    fetch(`${server.origin}/chat/api/${path}`, { method, headers: { Cookie: cookie, ...headers } });
  const list = async (cookie: string) =>
    ((await (await ask('sign-ins', cookie)).json()) as SignInList).signIns;

  test('[DO11] it tells a user’s own, which of them asks, and what the browser called itself', async () => {
    const link = new URL(server.signInUrl());
    const signedIn = await fetch(server.origin + link.pathname + link.search, {
      headers: { 'User-Agent': FIREFOX },
      redirect: 'manual',
    });
    const browser = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const command = await server.cookieFor('local');
    await server.cookieFor('somebody-else');

    const seen = await list(command);
    assert.deepEqual(
      new Set(seen.map(({ device }) => device)),
      new Set([FIREFOX, 'greenroom session']),
    );
    assert.deepEqual(
      seen.filter(({ isThis }) => isThis).map(({ device }) => device),
      ['greenroom session'],
    );
    const fromBrowser = await list(browser);
    assert.deepEqual(
      fromBrowser.filter(({ isThis }) => isThis).map(({ device }) => device),
      [FIREFOX],
    );
    for (const { id, createdAt, usedAt, expiresAt } of seen) {
      assert.match(id, /^[A-Za-z0-9_-]{43}$/);
      assert.ok(createdAt <= usedAt && usedAt < expiresAt);
    }
  });

  test('[R33] [DO11] what it tells lets nobody in', async () => {
    const cookie = await server.cookieFor('secretive');
    const answer = await ask('sign-ins', cookie);
    const text = await answer.text();
    const [secret = ''] = (cookie.split('=')[1] ?? '').split('.');
    assert.ok(secret.length === 43 && !text.includes(secret));
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const [{ id } = { id: '' }] = (JSON.parse(text) as SignInList).signIns;
    assert.equal((await ask('me', `greenroom=${id}`)).status, 401);
  });

  test('[R37] [DO12] ending one closes its sockets with 4401, and leaves the others', async () => {
    const [here, there] = [await server.cookieFor('bob'), await server.cookieFor('bob')];
    const open = (cookie: string) => TestClient.open(server.webSocketUrl, server.origin, cookie);
    const [staying, going] = [await open(here), await open(there)];
    const other = (await list(here)).find(({ isThis }) => !isThis);
    const answer = await ask(`sign-ins/${other?.id}`, here, 'DELETE');
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.equal((await going.closed).code, 4401);
    assert.equal((await ask('me', there)).status, 401);
    assert.equal((await list(here)).length, 1);
    await staying.hello();
    await staying.close();
  });

  test('[DO12] ending the very one that asks takes its cookie away', async () => {
    const cookie = await server.cookieFor('carol');
    const [own] = await list(cookie);
    const answer = await ask(`sign-ins/${own?.id}`, cookie, 'DELETE');
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get('set-cookie') ?? '', /^greenroom=; Max-Age=0;/);
    assert.equal((await ask('sign-ins', cookie)).status, 401);
  });

  test('[R55] [DO12] another user’s is answered like an unknown one, and goes on', async () => {
    const [mine, theirs] = [await server.cookieFor('dave'), await server.cookieFor('eve')];
    const [their] = await list(theirs);
    const answers = [];
    for (const id of [their?.id, 'unknown', '%00', 'x'.repeat(5_000)]) {
      const answer = await ask(`sign-ins/${id}`, mine, 'DELETE');
      answers.push([answer.status, await answer.text()]);
    }
    assert.equal(new Set(answers.map(String)).size, 1);
    assert.equal(answers[0]?.[0], 404);
    assert.match(String(answers[0]?.[1]), /"fault":"signIn.unknown"/);
    assert.equal((await list(theirs)).length, 1);
  });

  test('[R42] a page of another origin ends nothing, and nobody unknown is told anything', async () => {
    const cookie = await server.cookieFor('frank');
    const [own] = await list(cookie);
    for (const Origin of ['https://evil.example', 'null'])
      assert.equal((await ask(`sign-ins/${own?.id}`, cookie, 'DELETE', { Origin })).status, 403);
    assert.equal((await list(cookie)).length, 1);
    assert.equal((await ask('sign-ins', '')).status, 401);
    assert.equal((await ask(`sign-ins/${own?.id}`, '', 'DELETE')).status, 401);
  });
});
