/** Where a user is signed in, and the end of one of these sign-ins. */
import { FaultError } from '../faults.ts';
import type { SignIn } from '../store/sign-ins.ts';
import type { Log } from '../telemetry/log.ts';
import { clearCookie } from './auth/cookie.ts';
import type { SignIns } from './auth/sign-ins.ts';
import type { Gate } from './gate.ts';
import { sendJson } from './http.ts';
import type { Routes } from './router.ts';
import type { SignInList, SignInView } from './views.ts';

export interface SignInListRouteParts {
  readonly signIns: SignIns;
  readonly gate: Gate;
  readonly log: Log;
}

export function signInListRoutes({ signIns, gate, log }: SignInListRouteParts): Routes {
  return {
    'GET /api/sign-ins': async (request, response) => {
      const identity = await gate.visitor(request, response);
      if (identity === null) return;
      const all = await signIns.of(identity.user);
      const list: SignInList = { signIns: all.map((signIn) => viewOf(signIn, identity.signInId)) };
      sendJson(response, 200, list);
    },

    'DELETE /api/sign-ins/*': async (request, response, _, [id = '']) => {
      gate.refuseForeign(request);
      const identity = await gate.visitor(request, response);
      if (identity === null) return;
      const { user, signInId } = identity;
      if (!(await signIns.end(id, user))) throw new FaultError('signIn.unknown');
      log.info({ audit: 'signOut', user, everywhere: false }, 'signed out from the list');
      if (id === signInId) response.setHeader('Set-Cookie', clearCookie(signIns.rules));
      response.writeHead(204).end();
    },
  };
}

/** The hash of an id of 256 random bits names the sign-in to its user, and lets nobody in. */
function viewOf(signIn: SignIn, thisId: string): SignInView {
  const { idHash: id, device, createdAt, usedAt, expiresAt } = signIn;
  return { id, device, createdAt, usedAt, expiresAt, isThis: id === thisId };
}
