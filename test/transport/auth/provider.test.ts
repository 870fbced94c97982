import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LoginStates } from '../../../src/transport/auth/login-state.ts';
import { createProvider } from '../../../src/transport/auth/provider.ts';
import { CLIENT, type OidcOptions, startOidcProvider } from '../../support/oidc-provider.ts';

const redirectUri = new URL('http://127.0.0.1:8080/chat/oauth/callback');
const RULES = { secrets: ['a-cookie-secret-of-32-characters'], secure: false };
const begin = () => new LoginStates(() => RULES, Date.now).begin(undefined);

async function start(t: TestContext, options: Partial<OidcOptions> = {}) {
  const oidc = await startOidcProvider({ redirectUri, ...options });
  t.after(() => oidc.stop());
  const { forgeUrl, forgePublicUrl } = oidc;
  const rules = { ...CLIENT, redirectUri, forgeUrl, forgePublicUrl };
  return { oidc, provider: createProvider(rules) };
}

const LIMIT = { timeout: 60_000 };

test(
  '[R38] a user signs in by PKCE, state and nonce; the browser goes outside, we go inside',
  LIMIT,
  async (t) => {
    const { oidc, provider } = await start(t);
    oidc.users.set('7', {
      preferred_username: 'Ada',
      name: 'Ada Lovelace',
      email: 'a@example.org',
    });
    const login = begin();
    const address = await provider.authorizeUrl(login);
    assert.equal(address.origin, oidc.forgePublicUrl.origin);
    assert.equal(address.searchParams.get('code_challenge_method'), 'S256');
    assert.equal(address.searchParams.get('nonce'), login.nonce);
    assert.ok(!address.href.includes(login.verifier));
    const callback = await oidc.visit(address, '7');
    assert.equal(callback.searchParams.get('iss'), oidc.forgePublicUrl.origin);
    assert.deepEqual(await provider.redeem(callback, login), { user: 'Ada' });
    const paths = (host: string) =>
      oidc.requests.filter((request) => request.host === host).map(({ path }) => path);
    assert.deepEqual(paths(oidc.forgeUrl.host), [
      '/.well-known/openid-configuration',
      '/token',
      '/jwks',
    ]);
    assert.ok(paths(oidc.forgePublicUrl.host).includes('/auth'));
  },
);

test(
  'the address a proxy has the browser’s answer reach us by does not matter',
  LIMIT,
  async (t) => {
    const { oidc, provider } = await start(t);
    oidc.users.set('7', { preferred_username: 'ada' });
    const login = begin();
    const callback = await oidc.visit(await provider.authorizeUrl(login), '7');
    const inside = new URL(`http://10.0.0.5:24001/x${callback.search}`);
    assert.deepEqual(await provider.redeem(inside, login), { user: 'ada' });
  },
);

test('[R39] a name that the ID token lacks is asked of userinfo', LIMIT, async (t) => {
  const { oidc, provider } = await start(t, { claimsInIdToken: false });
  oidc.users.set('7', { preferred_username: 'ada' });
  const login = begin();
  const callback = await oidc.visit(await provider.authorizeUrl(login), '7');
  assert.deepEqual(await provider.redeem(callback, login), { user: 'ada' });
  assert.equal(oidc.requests.at(-1)?.path, '/me');
});

test('[R39] no other claim is taken for a name', LIMIT, async (t) => {
  const { oidc, provider } = await start(t);
  oidc.users.set('root', { name: 'root', email: 'root' });
  const login = begin();
  const callback = await oidc.visit(await provider.authorizeUrl(login), 'root');
  await assert.rejects(provider.redeem(callback, login), { reason: 'user' });
});

test('[R38] a code works once', LIMIT, async (t) => {
  const { oidc, provider } = await start(t);
  oidc.users.set('7', { preferred_username: 'ada' });
  const login = begin();
  const callback = await oidc.visit(await provider.authorizeUrl(login), '7');
  await provider.redeem(callback, login);
  const refused = { name: 'ProviderRefused', reason: 'invalid_grant' };
  await assert.rejects(provider.redeem(callback, login), refused);
});

test(
  '[R38] a code is of no use with another sign-in’s verifier, nonce or state',
  LIMIT,
  async (t) => {
    const { oidc, provider } = await start(t);
    oidc.users.set('7', { preferred_username: 'ada' });
    const wrong = async (part: 'verifier' | 'nonce' | 'state', reason: string) => {
      const login = begin();
      const callback = await oidc.visit(await provider.authorizeUrl(login), '7');
      const other = { ...login, [part]: begin()[part] };
      await assert.rejects(provider.redeem(callback, other), { name: 'ProviderRefused', reason });
    };
    await wrong('verifier', 'invalid_grant');
    await wrong('nonce', 'nonce');
    await wrong('state', 'callback');
  },
);

test('[R38] who denies at the provider is refused, and nothing is redeemed', LIMIT, async (t) => {
  const { oidc, provider } = await start(t);
  const login = begin();
  const callback = await oidc.visit(await provider.authorizeUrl(login), null);
  const refused = { name: 'ProviderRefused', reason: 'access_denied' };
  await assert.rejects(provider.redeem(callback, login), refused);
  assert.ok(!oidc.requests.some(({ path }) => path === '/token'));
});

test(
  '[R38] an answer of another provider, or of none, is refused before its code is sent',
  LIMIT,
  async (t) => {
    const { oidc, provider } = await start(t);
    oidc.users.set('7', { preferred_username: 'ada' });
    const login = begin();
    const callback = await oidc.visit(await provider.authorizeUrl(login), '7');
    const refused = { name: 'ProviderRefused', reason: 'callback' };
    const changed = (change: (query: URLSearchParams) => void) => {
      const url = new URL(callback);
      change(url.searchParams);
      return provider.redeem(url, login);
    };
    await assert.rejects(
      changed((query) => query.set('iss', 'https://evil.example')),
      refused,
    );
    await assert.rejects(
      changed((query) => query.delete('iss')),
      refused,
    );
    await assert.rejects(
      changed((query) => query.delete('code')),
      refused,
    );
    await assert.rejects(
      changed((query) => query.append('code', 'another')),
      refused,
    );
    await assert.rejects(
      changed((query) => query.append('state', login.state)),
      refused,
    );
    await assert.rejects(
      changed((query) => query.set('response', 'a.jwt.x')),
      refused,
    );
    assert.ok(!oidc.requests.some(({ path }) => path === '/token'));
    assert.deepEqual(await provider.redeem(callback, login), { user: 'ada' });
  },
);

test('a wrong client secret is told by its code', LIMIT, async (t) => {
  const { oidc } = await start(t);
  oidc.users.set('7', { preferred_username: 'ada' });
  const { forgeUrl, forgePublicUrl } = oidc;
  const clientSecret = 'another-secret';
  const provider = createProvider({
    ...CLIENT,
    clientSecret,
    redirectUri,
    forgeUrl,
    forgePublicUrl,
  });
  const login = begin();
  const callback = await oidc.visit(await provider.authorizeUrl(login), '7');
  await assert.rejects(provider.redeem(callback, login), (error: Error) => {
    assert.equal((error as Error & { reason: string }).reason, 'invalid_client');
    assert.ok(!error.stack?.includes(clientSecret));
    return true;
  });
});
