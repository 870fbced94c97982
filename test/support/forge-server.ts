/** A server whose people sign in at a real OpenID Connect provider, and a browser's part of it without a browser. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT, type OidcProvider, startOidcProvider } from './oidc-provider.ts';
import { newDir } from './operator-server.ts';
import { startServer, type TestServer } from './server.ts';

/** Where browsers are told that Greenroom is; requests go to the port it has. */
const PUBLIC_URL = 'http://greenroom.test';

export interface ForgeServer extends TestServer {
  readonly provider: OidcProvider;
  /** What it was started with: for a reload. */
  readonly env: Record<string, string>;
  /** Goes to the login with `cookie`: where it sends the browser, and the cookie it gives. */
  begin(cookie?: string): Promise<{ there: URL; cookie: string }>;
  /** The callback as the provider's redirect has it. */
  comeBack(callback: URL, cookie: string): Promise<Response>;
  /** All of it; the cookie of the sign-in. */
  signIn(user: string): Promise<string>;
  allow(...users: string[]): void;
}

export async function startForgeServer(
  env: Record<string, string> = {},
  parts: Parameters<typeof startServer>[1] = {},
): Promise<ForgeServer> {
  const base = env.CHAT_BASE_PATH ?? '/chat';
  const redirectUri = new URL(`${base}/oauth/callback`, PUBLIC_URL);
  const provider = await startOidcProvider({ redirectUri });
  const file = join(newDir(), 'allowed-users');
  const allow = (...users: string[]) => writeFileSync(file, users.join(','));
  allow('alice', 'bob');
  for (const user of ['alice', 'bob', 'mallory'])
    provider.users.set(user, { preferred_username: user });
  const full = {
    CHAT_OAUTH_CLIENT_ID: CLIENT.clientId,
    CHAT_OAUTH_CLIENT_SECRET: CLIENT.clientSecret,
    CHAT_ALLOWED_USERS_FILE: file,
    CHAT_PUBLIC_URL: PUBLIC_URL,
    FORGE_URL: provider.forgeUrl.href,
    FORGE_PUBLIC_URL: provider.forgePublicUrl.href,
    ...env,
  };
  const server = await startServer(full, parts);
  const get = (path: string, cookie: string) =>
    fetch(server.origin + path, { headers: { Cookie: cookie }, redirect: 'manual' });

  const begin: ForgeServer['begin'] = async (cookie = '') => {
    const response = await get(`${base}/login`, cookie);
    const there = new URL(response.headers.get('location') ?? '');
    return { there, cookie: cookieIn(response) };
  };
  const comeBack: ForgeServer['comeBack'] = ({ pathname, search }, cookie) =>
    get(pathname + search, cookie);
  return {
    ...server,
    ...{ provider, env: full, begin, comeBack, allow },
    async signIn(user) {
      const { there, cookie } = await begin();
      const response = await comeBack(await provider.visit(there, user), cookie);
      if (response.status !== 303) throw new Error(`not signed in: ${response.status}`);
      return cookieIn(response);
    },
    async stop() {
      const cutOff = await server.stop();
      await provider.stop();
      return cutOff;
    },
  };
}

/** What a response sets, ready for a `Cookie` header. */
export function cookieIn(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}
