/** What was used, over HTTP: one's own, and everybody's for operators. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from '../store/limits.ts';
import { disposition } from './disposition.ts';
import type { Gate } from './gate.ts';
import { sendJson } from './http.ts';
import type { Routes } from './router.ts';
import { send } from './send.ts';
import { usageCsv, usageQuery } from './usage.ts';

export interface UsageRouteParts {
  readonly store: Pick<Limits, 'usage'>;
  readonly gate: Gate;
  /** The date, in the zone that usage is counted by. */
  readonly today: () => string;
}

/** `?from=&to=` days, both included, as 2026-11-25; without them the last 30. `?format=csv` for a spreadsheet. */
export function usageRoutes({ store, gate, today }: UsageRouteParts): Routes {
  const { visitor } = gate;

  async function tell(response: ServerResponse, params: URLSearchParams, user: string | null) {
    const asked = { from: params.get('from'), to: params.get('to') };
    const query = usageQuery(asked, user, today());
    const usage = await store.usage(query);
    if (params.get('format') !== 'csv')
      return sendJson(response, 200, { from: query.from, to: query.to, usage });
    const name = `usage ${query.from} to ${query.to}.csv`;
    response.setHeader('Content-Disposition', disposition('attachment', name));
    response.setHeader('Cache-Control', 'no-store');
    send(response, 200, 'text/csv; charset=utf-8', usageCsv(usage));
  }

  return {
    'GET /api/usage': async (request: IncomingMessage, response, params) => {
      const identity = await visitor(request, response);
      if (identity !== null) await tell(response, params, identity.user);
    },
    'GET /ops/usage': async (request: IncomingMessage, response, params) => {
      if (await gate.operator(request, response)) await tell(response, params, params.get('user'));
    },
  };
}
