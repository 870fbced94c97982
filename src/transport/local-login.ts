/** The way in on one's own machine: a link that works once, from the terminal. */
import type { Log } from '../telemetry/log.ts';
import type { OneTimeCodes } from './auth/one-time-codes.ts';
import type { SignInAttempts } from './auth/sign-in-attempts.ts';
import type { SignIns } from './auth/sign-ins.ts';
import type { Addresses } from './client-address.ts';
import { redirect } from './http.ts';
import { manyWrongSignIns, PAGES, sendPage, tooManySignIns } from './pages.ts';
import type { Routes } from './router.ts';

export const LOCAL_USER = 'local';

export interface LocalLoginParts {
  readonly signIns: SignIns;
  readonly codes: OneTimeCodes;
  readonly attempts: SignInAttempts;
  readonly addresses: Addresses;
  readonly basePath: string;
  readonly log: Log;
}

export function localLogin(parts: LocalLoginParts): Routes {
  const { signIns, codes, attempts, addresses, basePath, log } = parts;
  return {
    'GET /login': async (request, response, query) => {
      const code = query.get('code');
      // A preview of the link looks with HEAD, and must not use it up.
      if (code === null || request.method === 'HEAD') return sendPage(response, 200, PAGES.signIn);
      const address = addresses.of(request);
      const tried = await attempts.try(address, async () =>
        codes.redeem(code) ? signIns.begin(LOCAL_USER, request.headers['user-agent']) : null,
      );
      if (tried.how === 'right') {
        log.info({ audit: 'signIn', user: LOCAL_USER, address }, 'signed in');
        response.setHeader('Set-Cookie', tried.value.setCookie);
        return redirect(response, 303, `${basePath}/`);
      }
      log.warn({ audit: 'signInRefused', why: tried.how, address }, 'a sign-in was refused');
      if (tried.how === 'wrong') return sendPage(response, 403, PAGES.linkUsed);
      const text = tried.how === 'refused' ? tooManySignIns : manyWrongSignIns;
      response.setHeader('Retry-After', Math.ceil(tried.retryAfterMs / 1_000));
      sendPage(response, 429, text(tried.retryAfterMs));
    },

    'GET /oauth/callback': (_, response) => redirect(response, 302, `${basePath}/login`),
  };
}
