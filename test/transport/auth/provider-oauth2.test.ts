import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LoginStates } from '../../../src/transport/auth/login-state.ts';
import { createProvider } from '../../../src/transport/auth/provider.ts';
import { startForgejo } from '../../support/forgejo.ts';
import { CLIENT } from '../../support/oidc-provider.ts';

const redirectUri = new URL('https://chat.example/chat/oauth/callback');
const RULES = { secrets: ['a-cookie-secret-of-32-characters'], secure: true };
const begin = () => new LoginStates(() => RULES, Date.now).begin(undefined);
const LIMIT = { timeout: 60_000 };

async function start(t: TestContext, path = '/') {
  const forgejo = await startForgejo(path.endsWith('/') ? path : `${path}/`);
  t.after(() => forgejo.stop());
  const { forgeUrl } = forgejo;
  const forgePublicUrl = new URL(path, forgejo.forgePublicUrl);
  return {
    forgejo,
    provider: createProvider({ ...CLIENT, redirectUri, forgeUrl, forgePublicUrl }),
  };
}

for (const path of ['/', '/forge/', '/forge'])
  test(
    `[R38] without discovery a user signs in by plain OAuth2, with PKCE and state, at ${path}`,
    LIMIT,
    async (t) => {
      const { forgejo, provider } = await start(t, path);
      forgejo.login = 'Ada';
      const login = begin();
      const address = await provider.authorizeUrl(login);
      assert.equal(address.origin, forgejo.forgePublicUrl.origin);
      assert.equal(address.pathname, `${path.replace(/\/$/, '')}/login/oauth/authorize`);
      assert.equal(address.searchParams.get('code_challenge_method'), 'S256');
      assert.equal(address.searchParams.get('nonce'), null);
      assert.deepEqual(await provider.redeem(await forgejo.visit(address), login), { user: 'Ada' });
      assert.deepEqual(forgejo.paths, [
        '/.well-known/openid-configuration',
        '/login/oauth/authorize',
        '/login/oauth/access_token',
        '/api/v1/user',
      ]);
    },
  );

test('the address inside may be that outside without its path', LIMIT, async (t) => {
  const { forgejo } = await start(t, '/forge/');
  const { forgePublicUrl } = forgejo;
  const forgeUrl = new URL('/', forgePublicUrl);
  const provider = createProvider({ ...CLIENT, redirectUri, forgeUrl, forgePublicUrl });
  const login = begin();
  const callback = await forgejo.visit(await provider.authorizeUrl(login));
  assert.deepEqual(await provider.redeem(callback, login), { user: 'ada' });
});

test(
  '[R38] a code of plain OAuth2 works once, with its own verifier and state',
  LIMIT,
  async (t) => {
    const { forgejo, provider } = await start(t);
    const login = begin();
    const callback = await forgejo.visit(await provider.authorizeUrl(login));
    const redeem = (part: Partial<typeof login>) =>
      provider.redeem(callback, { ...login, ...part });
    await assert.rejects(redeem({ state: begin().state }), { reason: 'callback' });
    await assert.rejects(redeem({ verifier: begin().verifier }), { reason: 'unauthorized_client' });
    assert.deepEqual(await redeem({}), { user: 'ada' });
    await assert.rejects(redeem({}), { name: 'ProviderRefused', reason: 'unauthorized_client' });
  },
);

test('[R38] who denies at Forgejo is refused', LIMIT, async (t) => {
  const { forgejo, provider } = await start(t);
  forgejo.login = null;
  const login = begin();
  const callback = await forgejo.visit(await provider.authorizeUrl(login));
  const refused = { name: 'ProviderRefused', reason: 'access_denied' };
  await assert.rejects(provider.redeem(callback, login), refused);
  assert.deepEqual(forgejo.tokens, []);
});

test(
  '[R40] what Forgejo’s API says wrong is told by a code, without the token',
  LIMIT,
  async (t) => {
    const { forgejo, provider } = await start(t);
    const fails = async (name: string, reason: string, body: string, status = 200) => {
      forgejo.userAnswer = { status, body };
      const login = begin();
      const callback = await forgejo.visit(await provider.authorizeUrl(login));
      await assert.rejects(
        provider.redeem(callback, login),
        (error: Error & { reason?: string }) => {
          assert.deepEqual([error.name, error.reason, error.cause], [name, reason, undefined]);
          for (const token of forgejo.tokens) assert.ok(!error.stack?.includes(token));
          return true;
        },
      );
    };
    await fails('ProviderDown', 'status', '', 500);
    await fails('ProviderDown', 'status', '{"login":"ada"}', 403);
    await fails('ProviderDown', 'malformed', 'no JSON');
    await fails('ProviderDown', 'malformed', '["ada"]');
    await fails('ProviderDown', 'malformed', '{"full_name":"ada"}');
    await fails('ProviderRefused', 'user', '{"login":"../ada"}');
    await fails('ProviderRefused', 'user', '{"login":["ada"]}');
  },
);
