/** Wires how people come in: at the forge, or by a link from the terminal. */
import type { Config } from '../config.ts';
import { OneTimeCodes } from '../transport/auth/one-time-codes.ts';
import { type LocalLoginParts, localLogin } from '../transport/local-login.ts';
import type { Routes } from '../transport/router.ts';
import type { ForgeParts } from './forge.ts';

export interface Login {
  readonly routes: Routes;
  /** Under the page's URL: where to sign in. In local mode each is good for one time. */
  readonly path: () => string;
}

export async function wireLogin(
  config: Config,
  parts: ForgeParts & Omit<LocalLoginParts, 'codes' | 'basePath'>,
): Promise<Login> {
  if (config.signIn === 'forge') {
    const { wireForgeLogin } = await import('./forge.ts');
    return { routes: wireForgeLogin(config, parts), path: () => 'login' };
  }
  const codes = new OneTimeCodes(parts.now);
  return {
    routes: localLogin({ ...parts, codes, basePath: config.basePath }),
    path: () => `login?code=${codes.issue()}`,
  };
}
