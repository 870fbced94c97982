/** What each path answers; contract and bounds are in PROTOCOL.md. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '../faults.ts';
import type { Parking } from '../machines/parking.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import { conversationKey, type Store } from '../store/store.ts';
import { within } from '../within.ts';
import { clearCookie } from './auth/cookie.ts';
import type { OneTimeCodes } from './auth/one-time-codes.ts';
import type { SignInAttempts } from './auth/sign-in-attempts.ts';
import type { Addresses } from './client-address.ts';
import { type CompletionRouteParts, completionRoutes } from './completion-routes.ts';
import { type FileRouteParts, fileRoutes } from './files-routes.ts';
import { createGate } from './gate.ts';
import { historyRoutes } from './history-routes.ts';
import { pathOf, type Routes, redirect, send, sendFault, sendJson } from './http.ts';
import { manyWrongSignIns, PAGE_POLICY, PAGES, tooManySignIns, UI_POLICY } from './pages.ts';
import type { AgentInfo, LimitViews } from './protocol.ts';
import type { Readiness } from './readiness.ts';
import type { Asset } from './static.ts';
import { type UploadRouteParts, uploadRoutes } from './uploads-routes.ts';
import { type UsageRouteParts, usageRoutes } from './usage-routes.ts';

/** A store that takes longer to answer is not ready for anybody. */
const STORE_MS = 1_000;
const HTML = 'text/html; charset=utf-8';

export interface RouteParts
  extends CompletionRouteParts,
    FileRouteParts,
    UploadRouteParts,
    UsageRouteParts {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly parking: Parking;
  readonly codes: OneTimeCodes;
  readonly attempts: SignInAttempts;
  readonly addresses: Addresses;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly forwardAuthSecret: string | null;
  readonly agent: AgentInfo;
  readonly sandbox: 'bwrap' | 'none';
  readonly version: string;
  readonly limits: (user: string) => Promise<LimitViews>;
  readonly readiness: Readiness;
  readonly diskIsFull: () => Promise<boolean>;
}

export function createRoutes(parts: RouteParts): Routes {
  const { signIns, codes, store, supervisor, parking } = parts;
  const { visitor, refuseForeign } = createGate(signIns, parts.origins);

  const page = async (request: IncomingMessage, response: ServerResponse) => {
    if (await visitor(request, response)) sendAsset(request, response, parts.assets.get('/'));
  };

  const asset = (file: Asset) => async (request: IncomingMessage, response: ServerResponse) => {
    if (await visitor(request, response)) sendAsset(request, response, file);
  };
  const files = [...parts.assets].filter(([path]) => path !== '/');

  const healthz = (_: IncomingMessage, response: ServerResponse) =>
    sendJson(response, 200, { status: 'ok' });

  return {
    'GET /chat': (_, response) => redirect(response, 308, '/chat/'),
    'GET /chat/': page,
    ...Object.fromEntries(files.map(([path, file]) => [`GET /chat${path}`, asset(file)])),

    'GET /chat/login': async (request, response, query) => {
      const code = query.get('code');
      // A preview of the link looks with HEAD, and must not use it up.
      if (code === null || request.method === 'HEAD') return sendPage(response, 200, PAGES.signIn);
      const tried = await parts.attempts.try(parts.addresses.of(request), async () =>
        codes.redeem(code) ? signIns.begin('local', true) : null,
      );
      if (tried.how === 'wrong') return sendPage(response, 403, PAGES.linkUsed);
      if (tried.how !== 'right') {
        const text = tried.how === 'refused' ? tooManySignIns : manyWrongSignIns;
        response.setHeader('Retry-After', Math.ceil(tried.retryAfterMs / 1_000));
        return sendPage(response, 429, text(tried.retryAfterMs));
      }
      response.setHeader('Set-Cookie', tried.value.setCookie);
      redirect(response, 303, '/chat/');
    },

    'GET /chat/oauth/callback': (_, response) => redirect(response, 302, '/chat/login'),

    'POST /chat/logout': async (request, response, query) => {
      refuseForeign(request);
      const identity = await signIns.verify(request.headers.cookie).catch(() => null);
      if (identity && query.has('everywhere')) await signIns.endAll(identity.user);
      else if (identity) await signIns.end(identity.signInId);
      response.setHeader('Set-Cookie', clearCookie(signIns.rules));
      redirect(response, 303, '/chat/login');
    },

    'GET /chat/auth/verify': async (request, response) => {
      const given = request.headers['x-forward-auth-secret'];
      if (parts.forwardAuthSecret !== null && !equal(given, parts.forwardAuthSecret))
        return sendFault(response, 'auth.edgeSecret');
      const identity = await visitor(request, response);
      if (identity === null) return;
      response.setHeader('X-Forwarded-User', identity.user);
      sendJson(response, 200, { user: identity.user });
    },

    'GET /chat/ws': (_, response) => {
      response.setHeader('Upgrade', 'websocket');
      send(response, 426, 'text/plain; charset=utf-8', 'Connect with a WebSocket\n');
    },

    'GET /chat/api/me': async (request, response) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const { user, operator, expiresAt } = identity;
      const { agent, version } = parts;
      sendJson(response, 200, {
        user,
        operator,
        expiresAt,
        limits: await parts.limits(user),
        agent,
        version,
      });
    },

    ...historyRoutes(parts),
    ...fileRoutes(parts),
    ...uploadRoutes(parts),
    ...completionRoutes(parts),
    ...usageRoutes(parts),

    'GET /healthz': healthz,
    'GET /health': healthz,
    'GET /readyz': async (_, response) => {
      const draining = parts.readiness.askDraining();
      const answers = store.head(conversationKey('-', '-')).then(
        () => true,
        () => false,
      );
      const storeIsUp = (await within(answers, STORE_MS)) && (await answers);
      const ready = storeIsUp && !draining;
      const state = {
        ready,
        draining,
        // A full disk takes nobody out of service: reading works, and no other node has more room.
        store: !storeIsUp ? 'down' : (await parts.diskIsFull()) ? 'full' : 'ok',
        agent: parts.agent.kind,
        sandbox: parts.sandbox,
      };
      sendJson(response, ready ? 200 : 503, state);
    },

    'POST /chat/api/runs/*/abort': async (request, response) => {
      refuseForeign(request);
      const identity = await visitor(request, response);
      if (identity === null) return;
      const runId = pathOf(request).split('/').at(-2) ?? '';
      const run = await store.run(identity.user, runId);
      if (run === null) throw new FaultError('run.unknown');
      if (!(await parking.takeBack(identity.user, runId))) supervisor.abort(run.key, runId);
      sendJson(response, 202, { runId });
    },
  };
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.setHeader('Cache-Control', 'no-store');
  send(response, status, HTML, html);
}

function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  asset: Asset | undefined,
): void {
  if (asset === undefined) return sendPage(response, 503, PAGES.notBuilt);
  response.setHeader('Content-Security-Policy', UI_POLICY);
  response.setHeader(
    'Cache-Control',
    asset.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
  );
  response.setHeader('ETag', asset.etag);
  if (request.headers['if-none-match'] === asset.etag) return void response.writeHead(304).end();
  send(response, 200, asset.type, asset.body);
}

function equal(given: string | string[] | undefined, secret: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
