/** The way in through the forge: there, and back with a code that stands for who it is. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import PQueue from 'p-queue';
import type { Log } from '../telemetry/log.ts';
import type { LoginStates } from './auth/login-state.ts';
import type { Members } from './auth/members.ts';
import type { Provider } from './auth/provider.ts';
import { ProviderDown, ProviderRefused } from './auth/provider-error.ts';
import type { SignInAttempts } from './auth/sign-in-attempts.ts';
import type { SignIns } from './auth/sign-ins.ts';
import type { Addresses } from './client-address.ts';
import { redirect } from './http.ts';
import type { LoginPages } from './login-pages.ts';
import { type Page, sendPage } from './pages.ts';
import type { Routes } from './router.ts';

/** Codes that are redeemed at once, each of which costs the forge a few requests, and that may wait. */
const REDEEMED_AT_ONCE = 8;
const WAITING_MAX = 100;

const NOT_BEGUN = 'state';

export interface ForgeLoginParts {
  readonly signIns: SignIns;
  readonly members: Members;
  readonly provider: Provider;
  readonly states: LoginStates;
  readonly attempts: SignInAttempts;
  readonly addresses: Addresses;
  readonly pages: LoginPages;
  readonly basePath: string;
  readonly log: Log;
}

export function forgeLogin(parts: ForgeLoginParts): Routes {
  const { signIns, members, provider, states, attempts, addresses, pages, basePath, log } = parts;
  const redeeming = new PQueue({ concurrency: REDEEMED_AT_ONCE });

  const refuse = (
    response: ServerResponse,
    status: number,
    page: Page,
    why: string,
    user: string | null = null,
  ) => {
    const address = addresses.of(response.req);
    log.warn({ audit: 'signInRefused', why, user, address }, 'a sign-in was refused');
    sendPage(response, status, page);
  };

  /** Null where it was not begun here, or what the forge said of it does not hold, for the reason in `told`. */
  async function userOf(request: IncomingMessage, callback: URL, told: { why: string }) {
    const login = states.redeem(request.headers.cookie, callback.searchParams.get('state') ?? '');
    if (login === null) return null;
    try {
      const { user } = await redeeming.add(() => provider.redeem(callback, login));
      return user;
    } catch (error) {
      if (!(error instanceof ProviderRefused) || error.reason === 'access_denied') throw error;
      told.why = error.reason;
      return null;
    }
  }

  return {
    'GET /login': async (request, response, query) => {
      if (query.has('signedOut')) return sendPage(response, 200, pages.signedOut);
      try {
        const { setCookie, ...login } = states.begin(request.headers.cookie);
        const there = await provider.authorizeUrl(login);
        response.setHeader('Set-Cookie', setCookie);
        redirect(response, 302, there.href);
      } catch (error) {
        if (!(error instanceof ProviderDown)) throw error;
        refuse(response, 502, pages.forgeDown, error.reason);
      }
    },

    'GET /oauth/callback': async (request, response, query) => {
      // A bare call, and a preview that looks with HEAD: neither uses a code up.
      if (request.method === 'HEAD' || !(query.has('code') || query.has('error')))
        return redirect(response, 302, `${basePath}/login`);
      if (redeeming.size >= WAITING_MAX) return refuse(response, 503, pages.busy, 'busy');
      const address = addresses.of(request);
      const callback = new URL(`callback?${query}`, 'http://greenroom');
      const told = { why: NOT_BEGUN };
      try {
        const tried = await attempts.try(address, () => userOf(request, callback, told));
        if (tried.how === 'refused') {
          response.setHeader('Retry-After', Math.ceil(tried.retryAfterMs / 1_000));
          return refuse(response, 429, pages.tooMany, 'tooMany');
        }
        if (tried.how !== 'right') {
          const page = { [NOT_BEGUN]: pages.notBegun, idToken: pages.oldGrant }[told.why];
          return refuse(response, 403, page ?? pages.refused, told.why);
        }
        const user = tried.value;
        if (!members.allows(user))
          return refuse(response, 403, pages.notAllowed(user), 'notAllowed', user);
        const { setCookie } = await signIns.begin(user, request.headers['user-agent']);
        log.info({ audit: 'signIn', user, address }, 'signed in');
        response.setHeader('Set-Cookie', setCookie);
        redirect(response, 303, `${basePath}/`);
      } catch (error) {
        if (error instanceof ProviderDown)
          return refuse(response, 502, pages.forgeDown, error.reason);
        if (!(error instanceof ProviderRefused)) throw error;
        refuse(response, 403, pages.denied, error.reason);
      }
    },
  };
}
