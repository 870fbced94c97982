/** Signing in at the forge: the whole way, through a real OpenID Connect provider. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { TestClient } from '../support/client.ts';
import { cookieIn, type ForgeServer, startForgeServer } from '../support/forge-server.ts';
import { removeDirs } from '../support/operator-server.ts';

describe('sign-in at the forge', { timeout: 60_000 }, () => {
  let server: ForgeServer;
  before(async () => {
    server = await startForgeServer({ CHAT_OPERATORS: 'Alice', CHAT_MAX_SIGN_IN_ATTEMPTS: '5' });
  });
  after(async () => {
    await server.stop();
    removeDirs();
  });

  const me = async (cookie: string) => {
    const response = await fetch(`${server.origin}/chat/api/me`, { headers: { Cookie: cookie } });
    return { status: response.status, ...((await response.json()) as { user?: string }) };
  };
  const open = (cookie: string) =>
    TestClient.open(server.webSocketUrl, 'http://greenroom.test', cookie);

  test('[R38] [SI1] [SI3] from the login to the forge and back: PKCE, state and nonce, and then one is in', async () => {
    const { there, cookie } = await server.begin();
    assert.equal(there.origin, server.provider.forgePublicUrl.origin);
    const asked = Object.fromEntries(there.searchParams);
    assert.equal(asked.code_challenge_method, 'S256');
    assert.equal(asked.redirect_uri, 'http://greenroom.test/chat/oauth/callback');
    assert.ok(asked.state && asked.nonce && asked.code_challenge);
    const back = await server.comeBack(await server.provider.visit(there, 'alice'), cookie);
    assert.deepEqual([back.status, back.headers.get('location')], [303, '/chat/']);
    const told = await me(cookieIn(back));
    assert.deepEqual([told.user, (told as { operator?: boolean }).operator], ['alice', true]);
    const bob = await me(await server.signIn('bob'));
    assert.deepEqual([bob.user, (bob as { operator?: boolean }).operator], ['bob', false]);
  });

  test('[R35] each sign-in has a new id, whatever cookies came along', async () => {
    const first = await server.signIn('alice');
    const { there, cookie } = await server.begin(first);
    const callback = await server.provider.visit(there, 'alice');
    const second = cookieIn(await server.comeBack(callback, `${cookie}; ${first}`));
    assert.notEqual(second, first);
    assert.equal((await me(second)).user, 'alice');
  });

  test('[R38] [SI1] a callback counts once, in the browser that began it alone', async () => {
    const { there, cookie } = await server.begin();
    const callback = await server.provider.visit(there, 'alice');
    const { cookie: another } = await server.begin();
    for (const wrong of ['', another]) {
      const refused = await server.comeBack(callback, wrong);
      assert.equal(refused.status, 403);
      assert.equal(refused.headers.get('set-cookie'), null);
      assert.match(await refused.text(), /sign in again/i);
    }
    assert.equal((await server.comeBack(callback, cookie)).status, 303);
    assert.equal((await server.comeBack(callback, cookie)).status, 403);
  });

  test('[R39] [SI2] who is not on the list is told so, and is not in', async () => {
    const { there, cookie } = await server.begin();
    const refused = await server.comeBack(await server.provider.visit(there, 'mallory'), cookie);
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get('set-cookie'), null);
    assert.match(await refused.text(), /mallory/);
  });

  test('[SI2] who says no at the forge is told that nobody was signed in', async () => {
    const { there, cookie } = await server.begin();
    const refused = await server.comeBack(await server.provider.visit(there, null), cookie);
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /not allowed to know who you are/);
  });

  test('[R41] [SI2] a callback without a code, or asked for by HEAD, leads to the login and uses nothing up', async () => {
    const bare = await fetch(`${server.origin}/chat/oauth/callback?next=//evil.example`, {
      redirect: 'manual',
    });
    assert.deepEqual([bare.status, bare.headers.get('location')], [302, '/chat/login']);
    const { there, cookie } = await server.begin();
    const callback = await server.provider.visit(there, 'alice');
    const looked = await fetch(server.origin + callback.pathname + callback.search, {
      ...{ method: 'HEAD', redirect: 'manual', headers: { Cookie: cookie } },
    });
    assert.equal(looked.headers.get('location'), '/chat/login');
    assert.equal((await server.comeBack(callback, cookie)).status, 303);
  });

  test('[R37] [R39] [SI4] who leaves the allow-list is out: sockets, requests, and the way in', async () => {
    const cookie = await server.signIn('bob');
    const client = await open(cookie);
    await client.hello();
    server.allow('alice');
    await server.reload(server.env);
    assert.equal((await client.closed).code, 4401);
    assert.equal((await me(cookie)).status, 401);
    const { there, cookie: begun } = await server.begin();
    const again = await server.comeBack(await server.provider.visit(there, 'bob'), begun);
    assert.equal(again.status, 403);
    server.allow('alice', 'bob');
    await server.reload(server.env);
    assert.equal((await me(cookie)).status, 401, 'what was ended stays ended');
    assert.equal((await me(await server.signIn('bob'))).user, 'bob');
  });

  test('[R34] [DO6] keys rotate while it runs: what the old one signed holds until it is taken away', async () => {
    const [old, fresh] = [
      'old-key-of-greenroom-32-characters',
      'new-key-of-greenroom-32-characters',
    ];
    await server.reload({ ...server.env, CHAT_COOKIE_SECRETS: old });
    const cookie = await server.signIn('alice');
    const { there, cookie: begun } = await server.begin();
    await server.reload({ ...server.env, CHAT_COOKIE_SECRETS: `${fresh},${old}` });
    assert.equal((await me(cookie)).user, 'alice');
    const back = await server.comeBack(await server.provider.visit(there, 'alice'), begun);
    assert.equal(back.status, 303, 'and so does what was begun');
    await server.reload({ ...server.env, CHAT_COOKIE_SECRETS: fresh });
    assert.equal((await me(cookie)).status, 401);
    assert.equal((await me(cookieIn(back))).user, 'alice');
  });

  test('settings that are bad change nothing', async () => {
    const cookie = await server.signIn('alice');
    await server.reload({ ...server.env, CHAT_COOKIE_SECRETS: 'short' });
    assert.equal((await me(cookie)).user, 'alice');
  });

  test('[R39] a client id that is missing at a reload does not let everybody in', async () => {
    const bob = await server.signIn('bob');
    server.allow('alice');
    // As where its file is empty while it is written anew.
    await server.reload({ ...server.env, CHAT_OAUTH_CLIENT_ID: '' });
    server.allow('alice', 'bob');
    const { there, cookie: begun } = await server.begin();
    const back = await server.comeBack(await server.provider.visit(there, 'mallory'), begun);
    assert.equal(back.status, 403);
    assert.equal((await me(bob)).user, 'bob', 'all stays as it was');
  });

  test('[SI5] signing out leads to a page that says so, and not back in', async () => {
    const cookie = await server.signIn('alice');
    const out = await fetch(`${server.origin}/chat/logout`, {
      ...{ method: 'POST', redirect: 'manual', headers: { Cookie: cookie } },
    });
    assert.deepEqual([out.status, out.headers.get('location')], [303, '/chat/login?signedOut']);
    const page = await fetch(`${server.origin}/chat/login?signedOut`, { redirect: 'manual' });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /You are signed out/);
    assert.equal((await me(cookie)).status, 401);
  });

  test('[R31] [DO10] callbacks that do not work are counted by address, and then not looked into', async () => {
    const statuses = [];
    for (let i = 0; i < 7; i++) {
      const url = new URL(`http://x/chat/oauth/callback?code=a&state=${i}`);
      statuses.push((await server.comeBack(url, '')).status);
    }
    assert.deepEqual(statuses.slice(-2), [429, 429]);
  });
});

test('[R59] neither codes nor states nor tokens of a sign-in are logged, and who came in is', async (t) => {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line: string) => void lines.push(line) });
  const server = await startForgeServer({}, { log });
  t.after(async () => {
    await server.stop();
    removeDirs();
  });
  const { there, cookie } = await server.begin();
  const callback = await server.provider.visit(there, 'alice');
  const back = await server.comeBack(callback, cookie);
  await server.comeBack(callback, cookie);
  await server.reload({ ...server.env, CHAT_COOKIE_SECRETS: 'short' });
  const logged = lines.join('');
  assert.match(logged, /"audit":"signIn","user":"alice"/);
  assert.match(logged, /"audit":"signInRefused","why":"state"/);
  assert.match(logged, /"problems":\["CHAT_COOKIE_SECRETS: accepts/);
  const secrets = [callback.searchParams.get('code'), there.searchParams.get('state'), cookie];
  for (const secret of [...secrets, cookieIn(back)])
    assert.ok(secret && !logged.includes(secret.split('=').at(-1) ?? ''));
});

test('a forge that is down is said to be, and open sockets go on', async (t) => {
  const server = await startForgeServer();
  t.after(async () => {
    await server.stop();
    removeDirs();
  });
  const cookie = await server.signIn('alice');
  const client = await TestClient.open(server.webSocketUrl, 'http://greenroom.test', cookie);
  const thread = await client.hello();
  const { there, cookie: begun } = await server.begin();
  const callback = await server.provider.visit(there, 'alice');
  await server.provider.stop();
  const answer = await server.comeBack(callback, begun);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /does not answer/);
  const login = await fetch(`${server.origin}/chat/login`, { redirect: 'manual' });
  assert.equal(login.status, 502);
  assert.equal((await client.runEnded(client.prompt(thread, 'hello'))).type, 'RUN_FINISHED');
  await client.close();
});
