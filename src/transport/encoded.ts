/** Assets as browsers are sent them: compressed where they say they can read it, once for all of them. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import Negotiator from 'negotiator';
import type { Asset } from './static.ts';

/** The smallest first: of those a browser can read, it gets the first. */
const ENCODINGS = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof ENCODINGS)[number];

/** Beyond it, brotli takes ten times as long for a few percent. */
const BROTLI_QUALITY = 9;
/** What is smaller fits into a packet as it is. */
const BYTES_MIN = 1_400;
const COMPRESSIBLE = /^text\/|javascript|json|svg/;

const brotli = promisify(brotliCompress);
const compress: Record<Exclude<Encoding, 'identity'>, (body: Buffer) => Promise<Buffer>> = {
  br: (body) => brotli(body, { params: { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: promisify<Buffer, Buffer>(gzip),
};

export interface Encoded {
  readonly body: Buffer;
  readonly encoding: Encoding;
  /** Of these very bytes, so that no cache takes one form for another. */
  readonly etag: string;
}

const made = new WeakMap<Asset, Map<Encoding, Promise<Encoded>>>();

/** The form of an asset this request can read. Compressing is done off the main thread, when first asked for. */
export async function encodedFor(request: IncomingMessage, asset: Asset): Promise<Encoded> {
  const encoding = encodingFor(request, asset);
  const forms = made.get(asset) ?? new Map<Encoding, Promise<Encoded>>();
  made.set(asset, forms);
  const form = forms.get(encoding) ?? encode(asset, encoding);
  forms.set(encoding, form);
  return form;
}

export function isCompressible({ type, body }: Asset): boolean {
  return COMPRESSIBLE.test(type) && body.length >= BYTES_MIN;
}

function encodingFor(request: IncomingMessage, asset: Asset): Encoding {
  if (!isCompressible(asset)) return 'identity';
  const readable = new Negotiator(request).encodings([...ENCODINGS]);
  return ENCODINGS.find((encoding) => readable.includes(encoding)) ?? 'identity';
}

async function encode({ body, etag }: Asset, encoding: Encoding): Promise<Encoded> {
  if (encoding === 'identity') return { body, etag, encoding };
  const named = `${etag.slice(0, -1)}-${encoding}"`;
  return { body: await compress[encoding](body), etag: named, encoding };
}
