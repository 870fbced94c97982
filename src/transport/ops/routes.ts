/** What the operators' page is made of, and what it fetches: for operators alone. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '../../faults.ts';
import { type Capsule, replay } from '../../machines/inspection/capsule.ts';
import { originOf } from '../../machines/inspection/origin.ts';
import { readCapsule } from '../../machines/inspection/read-capsule.ts';
import { disposition } from '../disposition.ts';
import type { Gate } from '../gate.ts';
import { redirect, sendCached, sendJson } from '../http.ts';
import { sendPage, UI_POLICY } from '../pages.ts';
import type { Routes } from '../router.ts';
import { send, sendUpgradeRequired } from '../send.ts';
import type { Asset } from '../static.ts';
import { sendAsset } from '../ui-routes.ts';
import { charts } from './charts.ts';
import { OPS_PAGE } from './place.ts';
import type { CapsuleSteps, CapsuleView } from './protocol.ts';
import { snapshotView } from './snapshot.ts';
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
  /** What is none is left out: the others are there all the same. */
  const views = async (name: string): Promise<CapsuleView[]> => {
    const text = await capsules.read(name);
    const capsule = capsuleIn(text);
    return text === null || capsule === null ? [] : [viewOf(name, text, capsule)];
  };

  const stately = parts.inspectorUrl && statelyPage(parts.inspectorUrl);

  return {
    'GET /ops': (_, response) => redirect(response, 308, `${basePath}/ops/`),
    'GET /ops/': forOperators((request, response) =>
      sendAsset(request, response, assets.get(OPS_PAGE), UI_POLICY),
    ),
    'GET /ops/ws': (_, response) => sendUpgradeRequired(response),
    ...(stately && {
      'GET /ops/stately': forOperators((_, response) =>
        sendPage(response, 200, stately.page, stately.policy),
      ),
    }),
    'GET /ops/charts': forOperators(async (request, response) =>
      sendCached(request, response, { charts: await charts() }),
    ),
    'GET /ops/capsules': forOperators(async (_, response) => {
      const found = await Promise.all((await capsules.names()).map(views));
      sendJson(response, 200, { capsules: found.flat() });
    }),
    'GET /ops/capsules/*': forOperators(async (_, response, [name]) => {
      const text = await read(name);
      response.setHeader('Content-Disposition', disposition('attachment', name ?? ''));
      response.setHeader('Cache-Control', 'no-store');
      send(response, 200, 'application/json', text);
    }),
    'GET /ops/capsules/*/steps': forOperators(async (_, response, [name = '']) => {
      const text = await read(name);
      const capsule = capsuleIn(text);
      if (capsule === null) throw new FaultError('capsule.unknown');
      sendJson(response, 200, stepsOf(viewOf(name, text, capsule), capsule));
    }),
  };
}

/** Null where it has gone, is damaged, or is none that this version reads. */
function capsuleIn(text: string | null): Capsule | null {
  try {
    return text === null ? null : readCapsule(text);
  } catch {
    return null;
  }
}

function viewOf(name: string, text: string, { kind, actor, at, why, entries }: Capsule) {
  return { name, kind, actor, at, why, events: entries.length, bytes: Buffer.byteLength(text) };
}

function stepsOf(view: CapsuleView, capsule: Capsule): CapsuleSteps {
  const { sameMachine, identical, steps } = replay(capsule);
  return {
    capsule: view,
    sameMachine,
    identical,
    steps: steps.map(({ at, event, snapshot }) => ({
      at,
      from: originOf(event.type, capsule.kind),
      event,
      snapshot: snapshotView(snapshot),
    })),
  };
}
