/** The log of one client: each line has the id of its session. A child logger of its own would weigh on every socket. */
import type { Log } from '../telemetry/log.ts';

export class SessionLog {
  readonly #all: Log;
  readonly #session: string;

  constructor(all: Log, session: string) {
    this.#all = all;
    this.#session = session;
  }

  debug(fields: object, message: string): void {
    this.#all.debug({ session: this.#session, ...fields }, message);
  }

  info(fields: object, message: string): void {
    this.#all.info({ session: this.#session, ...fields }, message);
  }

  error(fields: object, message: string): void {
    this.#all.error({ session: this.#session, ...fields }, message);
  }
}
