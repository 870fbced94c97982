/** Wires signing in at the forge. Loaded where it is used: the OpenID Connect library is 8 MB in memory. */
import type { Config } from '../config.ts';
import { LoginStates } from '../transport/auth/login-state.ts';
import { createProvider } from '../transport/auth/provider.ts';
import { type ForgeLoginParts, forgeLogin } from '../transport/forge-login.ts';
import { loginPages } from '../transport/login-pages.ts';
import type { Routes } from '../transport/router.ts';

export type ForgeParts = Omit<ForgeLoginParts, 'provider' | 'states' | 'pages' | 'basePath'> & {
  readonly now: () => number;
};

export function wireForgeLogin(config: Config, parts: ForgeParts): Routes {
  const { basePath, publicUrl, forgeUrl, oauthClientId, oauthClientSecret } = config;
  const forgePublicUrl = config.forgePublicUrl ?? forgeUrl;
  if (!publicUrl || !forgeUrl || !forgePublicUrl || !oauthClientId || !oauthClientSecret)
    throw new Error('the settings of sign-in were not checked together');
  const provider = createProvider({
    ...{ forgeUrl, forgePublicUrl, clientId: oauthClientId, clientSecret: oauthClientSecret },
    redirectUri: new URL(`${basePath}/oauth/callback`, publicUrl),
  });
  const states = new LoginStates(() => parts.signIns.rules, parts.now);
  const pages = loginPages(basePath, forgePublicUrl);
  return forgeLogin({ ...parts, basePath, provider, states, pages });
}
