/** The user's workspace over HTTP: a folder listed, a file shown, saved or brought along. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { OpenedFile, Workspace } from '../files/workspace.ts';
import { allowUpload } from './body-time.ts';
import { HEAD_BYTES, shownType } from './content-type.ts';
import { disposition } from './disposition.ts';
import type { Gate } from './gate.ts';
import { bodyOf, sendCached, sendJson } from './http.ts';
import type { Routes } from './router.ts';
import { hasAlready } from './send.ts';

/** Whatever a file holds, it does nothing where it is opened. */
export const INERT_POLICY = "sandbox; default-src 'none'";

export interface FileRouteParts {
  readonly gate: Gate;
  readonly workspaceOf: (user: string) => Workspace;
}

export function fileRoutes({ gate, workspaceOf }: FileRouteParts): Routes {
  const { visitor, staysIn, refuseForeign } = gate;

  return {
    'GET /api/files': async (request, response, query) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const folder = await workspaceOf(identity.user).list(query.get('path') ?? '');
      sendCached(request, response, folder);
    },

    'GET /api/files/content': async (request, response, query) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const opened = await workspaceOf(identity.user).open(query.get('path') ?? '');
      await using _ = opened.file;
      await sendFile(request, response, opened, query.has('download'));
    },

    'PUT /api/files/content': async (request, response, query) => {
      refuseForeign(request);
      const identity = await visitor(request, response);
      if (identity === null) return;
      allowUpload(request);
      const { view, isNew } = await workspaceOf(identity.user).write(query.get('path') ?? '', {
        body: followedBy(bodyOf(request), () => staysIn(identity)),
        bytes: lengthOf(request),
        mayReplace: request.headers['if-none-match'] !== '*',
      });
      sendJson(response, isNew ? 201 : 200, view);
    },
  };
}

/** What `last` throws is thrown at the end of `body`. */
async function* followedBy(body: AsyncIterable<Buffer>, last: () => Promise<void>) {
  yield* body;
  await last();
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { file, name, bytes, version }: OpenedFile,
  isWanted: boolean,
): Promise<void> {
  const etag = `"${version}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('Content-Security-Policy', INERT_POLICY);
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  if (hasAlready(request, etag)) return void response.writeHead(304).end();
  const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  const shown = isWanted ? null : shownType(buffer.subarray(0, bytesRead));
  response.writeHead(200, {
    'Content-Type': shown ?? 'application/octet-stream',
    'Content-Disposition': disposition(shown === null ? 'attachment' : 'inline', name),
    'Content-Length': bytes,
  });
  if (request.method === 'HEAD' || bytes === 0) return void response.end();
  const content = file.createReadStream({ start: 0, end: bytes - 1, autoClose: false });
  await pipeline(content, response, { end: false }).catch(() => response.destroy());
  // One that became shorter meanwhile is not what was promised.
  if (content.bytesRead < bytes) response.destroy();
  else response.end();
}

/** Null: it comes in chunks. */
function lengthOf({ headers }: IncomingMessage): number | null {
  return headers['content-length'] === undefined ? null : Number(headers['content-length']);
}
