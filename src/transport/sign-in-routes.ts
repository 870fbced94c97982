/** The ways out, and the edge's question who this is. The ways in are those of the mode: local-login, forge-login. */
import { FaultError } from '../faults.ts';
import type { Log } from '../telemetry/log.ts';
import { clearCookie } from './auth/cookie.ts';
import type { SignIns } from './auth/sign-ins.ts';
import type { Gate } from './gate.ts';
import { redirect, sendJson } from './http.ts';
import type { Routes } from './router.ts';

export interface SignInRouteParts {
  readonly signIns: SignIns;
  readonly gate: Gate;
  readonly basePath: string;
  readonly log: Log;
}

export function signInRoutes({ signIns, gate, basePath, log }: SignInRouteParts): Routes {
  return {
    'POST /logout': async (request, response, query) => {
      gate.refuseForeign(request);
      const identity = await signIns.verify(request.headers.cookie).catch(nobody);
      const everywhere = query.has('everywhere');
      if (identity && everywhere) await signIns.endAll(identity.user);
      else if (identity) await signIns.end(identity.signInId);
      if (identity) log.info({ audit: 'signOut', user: identity.user, everywhere }, 'signed out');
      response.setHeader('Set-Cookie', clearCookie(signIns.rules));
      redirect(response, 303, `${basePath}/login?signedOut`);
    },

    'GET /auth/verify': async (request, response) => {
      const identity = await gate.edgesVisitor(request, response);
      if (identity === null) return;
      response.setHeader('X-Forwarded-User', identity.user);
      sendJson(response, 200, { user: identity.user });
    },
  };
}

/** A sign-in that has ended needs no end. Anything else that goes wrong must not look like one. */
function nobody(error: unknown): null {
  if (error instanceof FaultError && error.code === 'auth.required') return null;
  throw error;
}
