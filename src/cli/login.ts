/** Wires how people come in: at the forge, or by a link from the terminal. */
import type { Config } from '../config.ts';
import { OneTimeCodes } from '../transport/auth/one-time-codes.ts';
import { type LocalLoginParts, localLogin } from '../transport/local-login.ts';
import type { Routes } from '../transport/router.ts';

export interface Login {
  readonly routes: Routes;
  /** Under the page's URL: where to sign in. In local mode each is good for one time. */
  readonly path: () => string;
}

export function wireLogin(
  config: Config,
  now: () => number,
  parts: Omit<LocalLoginParts, 'codes' | 'basePath'>,
): Login {
  const { basePath } = config;
  const codes = new OneTimeCodes(now);
  return {
    routes: localLogin({ ...parts, codes, basePath }),
    path: () => `login?code=${codes.issue()}`,
  };
}
