/** `/metrics`, for Prometheus. Outside of the base path, so that an edge does not show it to everybody. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Addresses, isLoopback } from './client-address.ts';
import type { Routes } from './router.ts';
import { send } from './send.ts';

const PLAIN = 'text/plain; charset=utf-8';
const NO_TOKEN =
  'Metrics are shown on this machine only. Set CHAT_METRICS_TOKEN, and send it as a bearer token.\n';
const WRONG_TOKEN = 'Send CHAT_METRICS_TOKEN as a bearer token.\n';

export interface MetricsRouteParts {
  readonly metrics: { text(): Promise<{ body: string; type: string }> };
  /** Who sends it as a bearer may read them; null: who asks from this machine. */
  readonly metricsToken: string | null;
  readonly addresses: Addresses;
}

export function metricsRoutes({ metrics, metricsToken, addresses }: MetricsRouteParts): Routes {
  const isAllowed = (request: IncomingMessage) =>
    metricsToken === null
      ? isLoopback(addresses.of(request))
      : isSame(request.headers.authorization ?? '', `Bearer ${metricsToken}`);
  return {
    'GET /metrics': async (request, response) => {
      if (!isAllowed(request)) {
        response.setHeader('WWW-Authenticate', 'Bearer');
        return send(response, 401, PLAIN, metricsToken === null ? NO_TOKEN : WRONG_TOKEN);
      }
      const { body, type } = await metrics.text();
      response.setHeader('Cache-Control', 'no-store');
      send(response, 200, type, body);
    },
  };
}

/** Takes as long for any text of any length. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
