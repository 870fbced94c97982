/**
 * A successor while it waits for its data directory: it is alive, so that nothing restarts it, and not ready, so
 * that an edge sends it nobody. It holds the port, so that the server that follows it misses no connection.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import { pathOf, sendFault, sendJson } from '../transport/http.ts';
import { listen } from './listen.ts';

const REQUEST_MS = 5_000;

export class Standby {
  /** The process that is waited for, or `unknown`. */
  holder: string;
  readonly server: Server;

  private constructor(holder: string) {
    this.holder = holder;
    const limits = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS };
    this.server = createServer({ ...limits, connectionsCheckingInterval: 500 }, (...exchange) =>
      this.#answer(...exchange),
    );
  }

  /** @throws When the port is taken, also by the server that is waited for: they need one each. */
  static async listen(
    config: Pick<Config, 'host' | 'port' | 'publicUrl'>,
    holder: string,
    log: Log,
  ): Promise<Standby> {
    const standby = new Standby(holder);
    const { port } = await listen(standby.server, config, null);
    log.warn({ holder, port }, 'another server holds the data directory: waiting for its end');
    return standby;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Connection', 'close'); // whoever comes again is to find the server that follows
    const path = pathOf(request);
    if (path === '/healthz' || path === '/health') return sendJson(response, 200, { status: 'ok' });
    if (path !== '/readyz') return sendFault(response, 'server.restarting');
    response.setHeader('Retry-After', '2');
    const { holder } = this;
    sendJson(response, 503, { ready: false, draining: false, store: 'held', holder });
  }
}
