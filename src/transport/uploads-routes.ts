/** Images for prompts, brought along before the prompt that names them, and shown again. */
import { FaultError } from '../faults.ts';
import type { Store } from '../store/store.ts';
import { uploadId, uploadUrl } from '../store/uploads.ts';
import { allowUpload } from './body-time.ts';
import { imageTypeOf } from './content-type.ts';
import { INERT_POLICY } from './files-routes.ts';
import type { Gate } from './gate.ts';
import { readBody, sendJson } from './http.ts';
import type { Offers } from './protocol.ts';
import type { Routes } from './router.ts';
import { hasAlready, send } from './send.ts';
import type { Shares } from './shares.ts';
import type { UploadView } from './views.ts';

const OWN_CACHE = 'private, max-age=31536000, immutable';

export interface UploadRouteParts {
  readonly store: Pick<Store, 'putUpload' | 'upload'>;
  readonly shares: Pick<Shares, 'upload'>;
  readonly gate: Gate;
  readonly images: Offers['images'];
}

export function uploadRoutes({ store, shares, gate, images }: UploadRouteParts): Routes {
  const { visitor, staysIn, refuseForeign } = gate;

  return {
    'POST /api/uploads': async (request, response) => {
      refuseForeign(request);
      const identity = await visitor(request, response);
      if (identity === null) return;
      const type = request.headers['content-type'] ?? '';
      if (images === null || !images.types.includes(type))
        throw new FaultError('upload.unsupported');
      allowUpload(request);
      const tooLarge = () => new FaultError('upload.tooLarge');
      const bytes = await readBody(request, images.maxBytes, tooLarge);
      await staysIn(identity);
      if (imageTypeOf(bytes) !== type) throw new FaultError('upload.unsupported');
      const id = uploadId(identity.user, bytes);
      if (!(await store.putUpload(identity.user, { id, type, bytes })))
        throw new FaultError('upload.tooMany');
      const view: UploadView = { id, url: uploadUrl(id), mimeType: type, bytes: bytes.length };
      sendJson(response, 201, view);
    },

    'GET /api/uploads/*': async (request, response, _, [id = '']) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const own = await store.upload(identity.user, id);
      const upload = own ?? (await shares.upload(identity.user, id));
      if (upload === null) throw new FaultError('upload.unknown');
      const etag = `"${upload.id}"`;
      response.setHeader('ETag', etag);
      // Another's is shown as long as it is shared.
      response.setHeader('Cache-Control', own ? OWN_CACHE : 'no-store');
      response.setHeader('Content-Security-Policy', INERT_POLICY);
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
      if (hasAlready(request, etag)) return void response.writeHead(304).end();
      send(response, 200, upload.type, Buffer.from(upload.bytes));
    },
  };
}
