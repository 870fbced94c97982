/**
 * Signing in at the identity provider: OpenID Connect, or Forgejo's plain OAuth2 where that is all there is. Browsers
 * go to the provider's public address, we to the one inside. Tokens live for one call of `redeem` and go nowhere else.
 */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  fetchProtectedResource,
  fetchUserInfo,
} from 'openid-client';
import { asBase } from './base-url.ts';
import type { Login } from './login-state.ts';
import { type Discovered, Discovery } from './provider-discovery.ts';
import { ProviderDown, ProviderRefused, providerError } from './provider-error.ts';
import { providerFetch } from './provider-fetch.ts';
import { isUserName } from './user-name.ts';

/** Of one request to the provider and its answer. */
const TIMEOUT_MS = 10_000;

export interface Provider {
  /** Where to send the browser. @throws {ProviderDown} */
  authorizeUrl(login: Login): Promise<URL>;
  /**
   * Redeems the code the browser came back with.
   * @param callback As the browser asked for it; of its address only the query counts.
   * @returns The name as the provider writes it. It may be another case than the last time: compare without.
   * @throws {ProviderDown | ProviderRefused}
   */
  redeem(callback: URL, login: Login): Promise<{ readonly user: string }>;
}

export interface ProviderRules {
  /** Where we reach the provider. */
  readonly forgeUrl: URL;
  /** Where browsers do; its issuer. */
  readonly forgePublicUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Ours, as it is registered with the provider. */
  readonly redirectUri: URL;
  /** Of one request and its answer. */
  readonly timeoutMs?: number;
}

export function createProvider(rules: ProviderRules, now: () => number = Date.now): Provider {
  const { clientId, clientSecret, redirectUri, timeoutMs = TIMEOUT_MS } = rules;
  const publicUrl = asBase(rules.forgePublicUrl);
  const fetch = providerFetch(asBase(rules.forgeUrl), publicUrl);
  const discovery = new Discovery({ publicUrl, clientId, clientSecret, timeoutMs, fetch }, now);

  return {
    async authorizeUrl({ state, nonce, verifier }) {
      const { kind, config } = await discovery.get();
      return buildAuthorizationUrl(config, {
        redirect_uri: redirectUri.href,
        state,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(kind === 'oidc' ? { scope: 'openid profile', nonce } : { scope: 'read:user' }),
      });
    },

    async redeem(callback, login) {
      const discovered = await discovery.get();
      // The address that reached us went through proxies; the provider compares it with the registered one.
      const returned = new URL(redirectUri);
      returned.search = callback.search;
      try {
        const user =
          discovered.kind === 'oidc'
            ? await oidcUser(discovered, returned, login)
            : await oauth2User(discovered, returned, login, publicUrl);
        if (typeof user !== 'string' || !isUserName(user)) throw new ProviderRefused('user');
        return { user };
      } catch (thrown) {
        const error = providerError(thrown);
        // Its keys may have changed since they were fetched: the next one sees the new ones.
        if (error.reason === 'signature' || error instanceof ProviderDown) discovery.forget();
        throw error;
      }
    },
  };
}

async function oidcUser({ config }: Discovered, callback: URL, login: Login): Promise<unknown> {
  const tokens = await authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: login.verifier,
    expectedState: login.state,
    expectedNonce: login.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined) throw new ProviderRefused('idToken');
  if (claims.preferred_username !== undefined) return claims.preferred_username;
  return (await fetchUserInfo(config, tokens.access_token, claims.sub)).preferred_username;
}

async function oauth2User(
  { config }: Discovered,
  callback: URL,
  login: Login,
  publicUrl: URL,
): Promise<unknown> {
  const { access_token: token } = await authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: login.verifier,
    expectedState: login.state,
  });
  const address = new URL('api/v1/user', publicUrl);
  const accept = new Headers({ Accept: 'application/json' });
  const response = await fetchProtectedResource(config, token, address, 'GET', null, accept);
  if (response.status !== 200) throw new ProviderDown('status');
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null || !('login' in body))
    throw new ProviderDown('malformed');
  return body.login;
}
