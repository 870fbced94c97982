/** The page and its files, for who is signed in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from './gate.ts';
import { send } from './http.ts';
import { PAGES, sendPage, UI_POLICY } from './pages.ts';
import type { Handler, Routes } from './router.ts';
import type { Asset } from './static.ts';

export interface UiRouteParts {
  readonly gate: Gate;
  /** By path under the base path; `/` is the page itself. */
  readonly assets: ReadonlyMap<string, Asset>;
}

export function uiRoutes({ gate, assets }: UiRouteParts): Routes {
  const shown =
    (asset: Asset | undefined): Handler =>
    async (request, response) => {
      if (await gate.visitor(request, response)) sendAsset(request, response, asset);
    };
  return {
    'GET /': shown(assets.get('/')),
    ...Object.fromEntries([...assets].map(([path, asset]) => [`GET ${path}`, shown(asset)])),
  };
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
