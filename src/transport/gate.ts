/** Who may ask what over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FaultCode, FaultError } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { EdgeWord } from './auth/edge-word.ts';
import type { SignIns } from './auth/sign-ins.ts';
import { isPageLoad, redirect, sendFault } from './http.ts';
import type { RefusalLog } from './refusal-log.ts';

export interface GateParts {
  readonly signIns: SignIns;
  readonly origins: () => ReadonlySet<string>;
  readonly edgeWord: EdgeWord;
  readonly refusals: RefusalLog;
  readonly basePath: string;
}

export interface Gate {
  /** Who asks, or null when the answer was given: to the login for a page load, 401 for all else. */
  visitor(request: IncomingMessage, response: ServerResponse): Promise<Identity | null>;
  /** The same for what operators alone may see. @throws {FaultError} `operator.required`. */
  operator(request: IncomingMessage, response: ServerResponse): Promise<Identity | null>;
  /** The same for the edge, which asks who it is before it can say so. */
  edgesVisitor(request: IncomingMessage, response: ServerResponse): Promise<Identity | null>;
  /** Once all has come of what may take minutes. @throws {FaultError} `auth.required`: their sign-in has ended by now. */
  staysIn(visitor: Identity): Promise<void>;
  /** A program sends no Origin; a page that does must be one of ours. @throws {FaultError} `origin.refused`. */
  refuseForeign(request: IncomingMessage): void;
}

export function createGate(parts: GateParts): Gate {
  const { signIns, origins, edgeWord, refusals, basePath } = parts;

  async function answered(
    request: IncomingMessage,
    response: ServerResponse,
    confirms: (user: string) => boolean,
  ): Promise<Identity | null> {
    try {
      const identity = await signIns.verify(request.headers.cookie);
      if (!confirms(identity.user)) throw new FaultError('auth.edgeUser');
      await staysIn(identity); // it may have ended since it was verified
      return identity;
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      refusals.note(request, error.code);
      if (error.code === 'auth.required' && isPageLoad(request))
        redirect(response, 302, `${basePath}/login`);
      else sendFault(response, error.code);
      return null;
    }
  }

  async function staysIn({ signInId }: Identity): Promise<void> {
    if ((await signIns.extend(signInId)) === null) throw new FaultError('auth.required');
  }

  function refused(request: IncomingMessage, fault: FaultCode): FaultError {
    refusals.note(request, fault);
    return new FaultError(fault);
  }

  const visitor: Gate['visitor'] = (request, response) =>
    answered(request, response, (user) => edgeWord.confirms(request.headers, user));

  return {
    visitor,
    staysIn,
    async operator(request, response) {
      const identity = await visitor(request, response);
      if (identity?.operator === false) throw new FaultError('operator.required');
      return identity;
    },
    edgesVisitor(request, response) {
      if (!edgeWord.mayBeEdge(request.headers)) throw refused(request, 'auth.edgeSecret');
      return answered(request, response, () => true);
    },
    refuseForeign(request) {
      const { origin } = request.headers;
      if (origin !== undefined && !origins().has(origin)) throw refused(request, 'origin.refused');
    },
  };
}
