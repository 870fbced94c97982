/** What each path answers; contract and bounds are in PROTOCOL.md. */
import { FaultError } from '../faults.ts';
import type { Conversations, ParkedPrompts } from '../machines/conversations.ts';
import type { Store } from '../store/store.ts';
import { type AguiRouteParts, aguiRoutes } from './agui-routes.ts';
import { type CompletionRouteParts, completionRoutes } from './completion-routes.ts';
import { type FileRouteParts, fileRoutes } from './files-routes.ts';
import { createGate, type GateParts } from './gate.ts';
import { type HealthRouteParts, healthRoutes } from './health-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { sendJson } from './http.ts';
import { type ChatRouteParts, chatRoutes } from './legacy/chat-routes.ts';
import { type MetricsRouteParts, metricsRoutes } from './metrics-route.ts';
import { type OpsRouteParts, opsRoutes } from './ops/routes.ts';
import type { LimitViews } from './protocol.ts';
import type { Routes, Site } from './router.ts';
import { sendUpgradeRequired } from './send.ts';
import { type ShareRouteParts, shareRoutes } from './share-routes.ts';
import { type SignInListRouteParts, signInListRoutes } from './sign-in-list-routes.ts';
import { type SignInRouteParts, signInRoutes } from './sign-in-routes.ts';
import { type UiRouteParts, uiRoutes } from './ui-routes.ts';
import { type UploadRouteParts, uploadRoutes } from './uploads-routes.ts';
import { type UsageRouteParts, usageRoutes } from './usage-routes.ts';

type Parts = GateParts &
  AguiRouteParts &
  ChatRouteParts &
  CompletionRouteParts &
  FileRouteParts &
  HealthRouteParts &
  MetricsRouteParts &
  OpsRouteParts &
  ShareRouteParts &
  SignInListRouteParts &
  SignInRouteParts &
  UiRouteParts &
  UploadRouteParts &
  UsageRouteParts & {
    readonly store: Store;
    readonly conversations: Conversations;
    readonly parking: ParkedPrompts;
    /** The ways in. */
    readonly login: Routes;
    readonly version: string;
    readonly publicUrl: URL | null;
    readonly maxSockets: number;
    readonly limits: (user: string) => Promise<LimitViews>;
  };

export type RouteParts = Omit<Parts, 'gate'>;

export function createSite(given: RouteParts): Site {
  const parts: Parts = { ...given, gate: createGate(given) };
  const { store, conversations, parking, basePath, login } = parts;
  const { visitor, refuseForeign } = parts.gate;

  const routes: Routes = {
    ...uiRoutes(parts),
    ...login,
    ...signInRoutes(parts),
    ...signInListRoutes(parts),
    ...aguiRoutes(parts),
    ...historyRoutes(parts),
    ...fileRoutes(parts),
    ...shareRoutes(parts),
    ...uploadRoutes(parts),
    ...completionRoutes(parts),
    ...usageRoutes(parts),
    ...opsRoutes(parts),
    ...chatRoutes(parts),

    'GET /ws': (_, response) => sendUpgradeRequired(response),

    'GET /api/me': async (request, response) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const { user, operator, expiresAt } = identity;
      const { agent, version } = parts;
      const limits = await parts.limits(user);
      sendJson(response, 200, { user, operator, expiresAt, limits, agent, version });
    },

    'POST /api/runs/*/abort': async (request, response, _, [runId = '']) => {
      refuseForeign(request);
      const identity = await visitor(request, response);
      if (identity === null) return;
      const run = await store.run(identity.user, runId);
      if (run === null) throw new FaultError('run.unknown');
      if (!(await parking.takeBack(identity.user, runId)))
        await conversations.abort(run.key, runId);
      sendJson(response, 202, { runId });
    },
  };
  const secure = parts.publicUrl?.protocol === 'https:';
  const outside = { ...healthRoutes(parts), ...metricsRoutes(parts) };
  return { basePath, routes, outside, secure, maxSockets: parts.maxSockets };
}
