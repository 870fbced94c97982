/** What the operators' page is made of, and what it fetches: for operators alone. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '../../faults.ts';
import { type Capsule, replay } from '../../machines/inspection/capsule.ts';
import { originOf } from '../../machines/inspection/origin.ts';
import { stateName } from '../../machines/inspection/shown.ts';
import { disposition } from '../disposition.ts';
import type { Gate } from '../gate.ts';
import { redirect, sendCached, sendJson } from '../http.ts';
import { sendPage, UI_POLICY } from '../pages.ts';
import type { Routes } from '../router.ts';
import { send } from '../send.ts';
import type { Asset } from '../static.ts';
import { sendAsset } from '../ui-routes.ts';
import { charts } from './charts.ts';
import { OPS_PAGE } from './place.ts';
import type { CapsuleSteps, CapsuleView } from './protocol.ts';
import { statelyPage } from './stately-page.ts';

export interface OpsRouteParts {
  readonly gate: Gate;
  readonly basePath: string;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Where the Stately inspector is; null: there is no page for it. */
  readonly inspectorUrl: URL | null;
  readonly capsules: {
    /** Newest first. */
    names(): Promise<string[]>;
    read(name: string): Promise<string | null>;
  };
}

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  stars: readonly string[],
) => Promise<void> | void;

export function opsRoutes(parts: OpsRouteParts): Routes {
  const { gate, basePath, assets, capsules } = parts;
  const forOperators =
    (answer: Answer): Routes[string] =>
    async (request, response, _, stars) => {
      if (await gate.operator(request, response)) await answer(request, response, stars);
    };
  const read = async (name = '') => {
    const text = await capsules.read(name);
    if (text === null) throw new FaultError('capsule.unknown');
    return text;
  };

  const stately = parts.inspectorUrl && statelyPage(parts.inspectorUrl);

  return {
    'GET /ops': (_, response) => redirect(response, 308, `${basePath}/ops/`),
    'GET /ops/': forOperators((request, response) =>
      sendAsset(request, response, assets.get(OPS_PAGE), UI_POLICY),
    ),
    'GET /ops/ws': (_, response) => {
      response.setHeader('Upgrade', 'websocket');
      send(response, 426, 'text/plain; charset=utf-8', 'Connect with a WebSocket\n');
    },
    ...(stately && {
      'GET /ops/stately': forOperators((_, response) =>
        sendPage(response, 200, stately.page, stately.policy),
      ),
    }),
    'GET /ops/charts': forOperators(async (request, response) =>
      sendCached(request, response, { charts: await charts() }),
    ),
    'GET /ops/capsules': forOperators(async (_, response) => {
      const views = (await capsules.names()).map(async (name) => viewOf(name, await read(name)));
      sendJson(response, 200, { capsules: await Promise.all(views) });
    }),
    'GET /ops/capsules/*': forOperators(async (_, response, [name]) => {
      const text = await read(name);
      response.setHeader('Content-Disposition', disposition('attachment', name ?? ''));
      response.setHeader('Cache-Control', 'no-store');
      send(response, 200, 'application/json', text);
    }),
    'GET /ops/capsules/*/steps': forOperators(async (_, response, [name = '']) => {
      const text = await read(name);
      sendJson(response, 200, stepsOf(viewOf(name, text), JSON.parse(text)));
    }),
  };
}

function viewOf(name: string, text: string): CapsuleView {
  const { kind, actor, at, why, entries }: Capsule = JSON.parse(text);
  return { name, kind, actor, at, why, events: entries.length, bytes: Buffer.byteLength(text) };
}

function stepsOf(view: CapsuleView, capsule: Capsule): CapsuleSteps {
  const { sameMachine, identical, steps } = replay(capsule);
  return {
    capsule: view,
    sameMachine,
    identical,
    steps: steps.map(({ at, event, snapshot: { status, value, context } }) => ({
      at,
      from: originOf(event.type, view.kind),
      event,
      snapshot: { status, state: stateName(value), context },
    })),
  };
}
