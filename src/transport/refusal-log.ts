/**
 * Who was refused although a browser’s own rules or the edge should have kept it away, for the audit log. The first
 * of an address is logged at once, the others of the next minute as a number: nobody fills a disk by knocking.
 */
import type { IncomingMessage } from 'node:http';
import type { FaultCode } from '../faults.ts';
import type { Log } from '../telemetry/log.ts';
import type { Addresses } from './client-address.ts';

const PERIOD_MS = 60_000;
/** So many are told apart in a period; the addresses of the rest are not remembered. */
const TOLD_APART_MAX = 1_000;

const AUDITED: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'origin.refused',
  'auth.edgeUser',
  'auth.edgeSecret',
]);

interface Counted {
  readonly why: FaultCode;
  readonly address: string;
  more: number;
}

export class RefusalLog {
  readonly #log: Log;
  readonly #addresses: Addresses;
  readonly #count: (why: FaultCode) => void;
  readonly #counted = new Map<string, Counted>();
  #timer: NodeJS.Timeout | null = null;

  /** @param count Hears of each, whether it is told or not. */
  constructor(log: Log, addresses: Addresses, count: (why: FaultCode) => void) {
    this.#log = log;
    this.#addresses = addresses;
    this.#count = count;
  }

  /** Counts a refusal, and logs it where it is one of those that tell of an attack or of an edge that is set up wrong. */
  note(request: IncomingMessage, why: FaultCode): void {
    this.#count(why);
    if (!AUDITED.has(why)) return;
    const from = this.#addresses.of(request);
    const isToldApart = this.#counted.size < TOLD_APART_MAX || this.#counted.has(`${why} ${from}`);
    const address = isToldApart ? from : 'others';
    const counted = this.#counted.get(`${why} ${address}`);
    if (counted) return void counted.more++;
    this.#counted.set(`${why} ${address}`, { why, address, more: 0 });
    this.#log.warn({ audit: 'refused', why, address }, 'a request was refused');
    this.#timer ??= setInterval(() => this.#tell(), PERIOD_MS).unref();
  }

  #tell(): void {
    for (const [key, counted] of this.#counted) {
      const { why, address, more } = counted;
      if (more === 0) this.#counted.delete(key);
      else this.#log.warn({ audit: 'refused', why, address, more }, 'more requests were refused');
      counted.more = 0;
    }
    if (this.#counted.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
