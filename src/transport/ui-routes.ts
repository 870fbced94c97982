/** The page and its files, for who is signed in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodedFor, isCompressible } from './encoded.ts';
import type { Gate } from './gate.ts';
import { OPS_PAGE } from './ops/place.ts';
import { diagramPolicy, PAGES, sendPage, UI_POLICY } from './pages.ts';
import type { Handler, Routes } from './router.ts';
import { hasAlready, send } from './send.ts';
import type { Asset } from './static.ts';

export interface UiRouteParts {
  readonly gate: Gate;
  /** By path under the base path; `/` is the page itself. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** The page inside the frame that draws diagrams. */
const DIAGRAM = '/diagram/frame';

export function uiRoutes({ gate, assets }: UiRouteParts): Routes {
  const shown =
    (asset: Asset | undefined, policy = UI_POLICY): Handler =>
    async (request, response) => {
      if (await gate.visitor(request, response)) await sendAsset(request, response, asset, policy);
    };
  const diagram = assets.get(DIAGRAM);
  return {
    'GET /': shown(assets.get('/')),
    ...Object.fromEntries(
      [...assets]
        .filter(([path]) => path !== OPS_PAGE)
        .map(([path, asset]) => [`GET ${path}`, shown(asset)]),
    ),
    ...(diagram && { [`GET ${DIAGRAM}`]: shown(diagram, diagramPolicy(diagram.body.toString())) }),
  };
}

export async function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  asset: Asset | undefined,
  policy: string,
): Promise<void> {
  if (asset === undefined) return sendPage(response, 503, PAGES.notBuilt);
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader(
    'Cache-Control',
    asset.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
  );
  const { body, etag, encoding } = await encodedFor(request, asset);
  response.setHeader('ETag', etag);
  if (isCompressible(asset)) response.setHeader('Vary', 'Accept-Encoding');
  if (hasAlready(request, etag)) return void response.writeHead(304).end();
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  send(response, 200, asset.type, body);
}
