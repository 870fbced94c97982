/** Who may ask what over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { SignIns } from './auth/sign-ins.ts';
import { isPageLoad, redirect, sendFault } from './http.ts';

export interface Gate {
  /** Who asks, or null when the answer was given: to the login for a page load, 401 for all else. */
  visitor(request: IncomingMessage, response: ServerResponse): Promise<Identity | null>;
  /** A program sends no Origin; a page that does must be one of ours. @throws {FaultError} `origin.refused`. */
  refuseForeign(request: IncomingMessage): void;
}

export function createGate(signIns: SignIns, origins: () => ReadonlySet<string>): Gate {
  return {
    async visitor(request, response) {
      try {
        const identity = await signIns.verify(request.headers.cookie);
        await signIns.extend(identity.signInId);
        return identity;
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        if (isPageLoad(request)) redirect(response, 302, '/chat/login');
        else sendFault(response, error.code);
        return null;
      }
    },
    refuseForeign({ headers }) {
      const { origin } = headers;
      if (origin !== undefined && !origins().has(origin)) throw new FaultError('origin.refused');
    },
  };
}
