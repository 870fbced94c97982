/** `/metrics`, for Prometheus. Outside of the base path, so that an edge does not show it to everybody. */
import type { IncomingMessage } from 'node:http';
import { isSameSecret } from './auth/same-secret.ts';
import { type Addresses, isLoopback } from './client-address.ts';
import type { Routes } from './router.ts';
import { send } from './send.ts';

const PLAIN = 'text/plain; charset=utf-8';
const NO_TOKEN =
  'Metrics are shown on this machine only. Set CHAT_METRICS_TOKEN, and send it as a bearer token.\n';
/** What a proxy adds that passes on what others ask. One on this machine that nobody named as such is no operator. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
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
      ? isLoopback(addresses.of(request)) && !FORWARDED.some((name) => name in request.headers)
      : isSameSecret(request.headers.authorization ?? '', `Bearer ${metricsToken}`);
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
