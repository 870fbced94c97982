/** What keeps a client out: what its request says of it, how many there are already, and later who it turns out to be. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { FaultCode } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { EdgeWord } from './auth/edge-word.ts';
import { isForOperators } from './ops/place.ts';
import { type SocketCaps, SocketCounts } from './socket-count.ts';

export interface AdmittanceParts extends SocketCaps {
  readonly origins: () => ReadonlySet<string>;
  readonly edgeWord: EdgeWord;
  readonly maxSockets: number;
  readonly basePath: string;
}

export class Admittance {
  readonly #parts: AdmittanceParts;
  readonly #open: () => number;
  readonly #counts: SocketCounts;

  /** @param open How many are open now. */
  constructor(parts: AdmittanceParts, open: () => number) {
    this.#parts = parts;
    this.#open = open;
    this.#counts = new SocketCounts(parts);
  }

  /** What keeps a WebSocket out before it is known whose it is; it is counted where nothing does. */
  ofUpgrade(request: IncomingMessage, line: EventEmitter): FaultCode | null {
    if (!this.#parts.origins().has(request.headers.origin ?? '')) return 'origin.refused';
    return this.ofLine(request, line);
  }

  /** The same for a request that stays open, whose Origin was looked at. */
  ofLine(request: IncomingMessage, line: EventEmitter): FaultCode | null {
    const hasRoom = this.#open() < this.#parts.maxSockets && this.#counts.addFrom(request, line);
    return hasRoom ? null : 'sockets.tooMany';
  }

  /** What keeps them out now that it is known whose it is. */
  ofIdentity(identity: Identity, request: IncomingMessage, line: EventEmitter): FaultCode | null {
    const { edgeWord, basePath } = this.#parts;
    if (!edgeWord.confirms(request.headers, identity.user)) return 'auth.edgeUser';
    if (!identity.operator && isForOperators(request.url, basePath)) return 'operator.required';
    return this.ofUser(identity.user, line);
  }

  /** As many as one user may have are open; else it is counted. */
  ofUser(user: string, line: EventEmitter): FaultCode | null {
    return this.#counts.addOfUser(user, line) ? null : 'sockets.tooMany';
  }
}
