/** How many lines each user and each address has open, so that no one can take them all. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Addresses, isLoopback } from './client-address.ts';

/** Far above one user’s, since people share addresses. */
const PER_ADDRESS = 1_000;

export interface SocketCaps {
  readonly addresses: Addresses;
  readonly maxSocketsPerUser: number;
  /** Null: a thousand, and any number from this machine. */
  readonly maxSocketsPerAddress: number | null;
}

export class SocketCounts {
  readonly #caps: SocketCaps;
  readonly #ofUsers = new SocketCount();
  readonly #ofAddresses = new SocketCount();

  constructor(caps: SocketCaps) {
    this.#caps = caps;
  }

  /** Counts a line for its user. False: that would be one too many. */
  addOfUser(user: string, line: EventEmitter): boolean {
    return this.#ofUsers.add(user, this.#caps.maxSocketsPerUser, line);
  }

  /** Counts a line for where it comes from, before it is known whose it is. False: that would be one too many. */
  addFrom(request: IncomingMessage, line: EventEmitter): boolean {
    const { addresses, maxSocketsPerAddress } = this.#caps;
    const address = addresses.of(request);
    const usual = isLoopback(address) ? Number.POSITIVE_INFINITY : PER_ADDRESS;
    return this.#ofAddresses.add(address, maxSocketsPerAddress ?? usual, line);
  }
}

/** Lines that are open, by any key; a key without one costs nothing. */
export class SocketCount {
  readonly #of = new Map<string, number>();

  /** Counts one more line until it closes. False: there are `max` already. */
  add(key: string, max: number, line: EventEmitter): boolean {
    const own = this.#of.get(key) ?? 0;
    if (own >= max) return false;
    this.#of.set(key, own + 1);
    // Not `once`, here and wherever a socket's end is waited for: it closes once, and what `once` wraps is kept till then.
    line.on('close', () => {
      const rest = (this.#of.get(key) ?? 1) - 1;
      if (rest > 0) this.#of.set(key, rest);
      else this.#of.delete(key);
    });
    return true;
  }
}
