/** A real OpenID Connect provider on loopback: browsers know it as `localhost`, we reach it as 127.0.0.1. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type JWK } from 'oidc-provider';
import { stopServer } from './oauth-servers.ts';

export const CLIENT = { clientId: 'greenroom', clientSecret: 'a-client-secret-of-32-characters' };

export interface OidcProvider {
  readonly forgeUrl: URL;
  readonly forgePublicUrl: URL;
  /** Where it may send browsers back to; settable, for a server that has its port later. */
  redirectUri: URL;
  /** Paths asked for, with their host, oldest first. */
  readonly requests: { readonly host: string; readonly path: string }[];
  /** What it says of who signs in with a name; one that is not here cannot sign in. */
  readonly users: Map<string, Readonly<Record<string, unknown>>>;
  /** Goes where a browser is sent, and signs in there as `user` and consents, or denies; where it is sent back to. */
  visit(authorizeUrl: URL, user: string | null): Promise<URL>;
  stop(): Promise<void>;
}

export interface OidcOptions {
  readonly redirectUri: URL;
  /** Whether the ID token holds the profile's claims, as Forgejo's does, or userinfo alone. */
  readonly claimsInIdToken?: boolean;
}

export async function startOidcProvider({
  redirectUri,
  claimsInIdToken = true,
}: OidcOptions): Promise<OidcProvider> {
  const requests: OidcProvider['requests'] = [];
  const users: OidcProvider['users'] = new Map();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const forgePublicUrl = new URL(`http://localhost:${port}`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(forgePublicUrl.origin, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [redirectUri.href],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'one' } as JWK] },
    cookies: { keys: ['a-cookie-key'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'email'] },
    conformIdTokenClaims: !claimsInIdToken,
    findAccount: (_, id) => {
      const claims = users.get(id);
      return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
  });
  provider.Client.prototype.redirectUriAllowed = (uri) => uri === oidc.redirectUri.href;
  const handle = provider.callback();
  server.on('request', (request, response) => {
    requests.push({ host: request.headers.host ?? '', path: request.url?.split('?')[0] ?? '' });
    // It speaks of itself by the name it is asked by; Forgejo does by the one in its settings.
    request.headers.host = forgePublicUrl.host;
    void handle(request, response);
  });
  const oidc: OidcProvider = {
    redirectUri,
    forgeUrl: new URL(`http://127.0.0.1:${port}`),
    forgePublicUrl,
    requests,
    users,
    visit: (authorizeUrl, user) => visit(authorizeUrl, user, oidc.redirectUri),
    stop: () => stopServer(server),
  };
  return oidc;
}

/** A browser with cookies that follows redirects and submits the forms it is shown. */
async function visit(start: URL, user: string | null, redirectUri: URL): Promise<URL> {
  const cookies = new Map<string, string>();
  const go = async (url: URL, body?: URLSearchParams): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const method = body === undefined ? 'GET' : 'POST';
    const init = { method, body: body ?? null, headers: { cookie }, redirect: 'manual' as const };
    const response = await fetch(url, init);
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  let url = start;
  let response = await go(url);
  for (let steps = 0; steps < 10; steps++) {
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      if (url.origin === redirectUri.origin && url.pathname === redirectUri.pathname) return url;
      response = await go(url);
      continue;
    }
    const page = await response.text();
    const [, prompt] = /name="prompt" value="(login|consent)"/.exec(page) ?? [];
    if (prompt === undefined) throw new Error(`no form at ${url.pathname}: ${response.status}`);
    if (user === null) response = await go(new URL(`${url.pathname}/abort`, url));
    else response = await go(url, new URLSearchParams({ prompt, login: user, password: 'x' }));
  }
  throw new Error('it goes round in a circle');
}
