/** One request on its way to the Claude API and its answer on the way back, neither held up nor changed. */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { refuse } from './api-error.ts';
import { type ApiUsage, createMeter } from './usage-meter.ts';

/** The API takes 32 MB. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** As long as the CLI itself waits for an answer; nothing moves for so long: both sides are cut. */
const SILENCE_MS = 600_000;

/** Meant for one connection, not for what is behind it. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** Ours to say: who asks, whom, and how the answer is encoded (its usage has to be read). */
const REPLACED = ['host', 'x-api-key', 'authorization', 'cookie', 'expect', 'accept-encoding'];

export interface Upstream {
  readonly base: URL;
  readonly agent: HttpAgent | HttpsAgent;
  readonly credentials: Readonly<Record<string, string>>;
}

export interface Forwarded {
  /** Ends both sides at once. */
  cut(): void;
}

/** @param credentials Headers with the key. @param base Where the API is; a path in it comes before each request's. */
export function createUpstream(base: URL, credentials: Readonly<Record<string, string>>): Upstream {
  const options = { keepAlive: true };
  const agent = base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  return { base, agent, credentials };
}

/**
 * Passes one request on. Statuses, errors and headers of the API come back as they are; redirects are not followed.
 * When either side goes, so does the other; an API that cannot be reached is 502.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { base, agent, credentials }: Upstream,
  onUsage: (growth: ApiUsage) => void,
): Forwarded {
  const send = base.protocol === 'https:' ? httpsRequest : httpRequest;
  const upstream = send(base, {
    agent,
    method: 'POST',
    path: base.pathname.replace(/\/$/, '') + request.url,
    headers: {
      ...endToEnd(request.headers, REPLACED),
      ...credentials,
      'accept-encoding': 'identity',
    },
    timeout: SILENCE_MS,
  });
  upstream.once('timeout', () => upstream.destroy());
  upstream.on('error', () => {
    if (!response.headersSent)
      refuse(response, 502, 'api_error', 'The Claude API cannot be reached.');
  });
  upstream.once('response', (answer) => passBack(answer, response, onUsage));
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
  boundBody(request, () => {
    upstream.destroy();
    if (!response.headersSent) response.setHeader('Connection', 'close'); // the rest is not read
    refuse(response, 413, 'request_too_large', `A request may have ${BODY_BYTES_MAX} bytes.`);
  });
  return { cut: () => response.destroy() };
}

function boundBody(request: IncomingMessage, onOver: () => void): void {
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) return;
    request.off('data', count);
    onOver();
  };
  request.on('data', count);
}

function passBack(
  answer: IncomingMessage,
  response: ServerResponse,
  onUsage: (growth: ApiUsage) => void,
): void {
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers, []));
  response.flushHeaders();
  const meter = createMeter(answer.headers['content-type'] ?? '', onUsage);
  if (meter) answer.on('data', (chunk: Buffer) => meter.push(chunk)).once('end', () => meter.end());
  pipeline(answer, response, () => {}); // when either side goes, so does the other
}

function endToEnd(headers: IncomingHttpHeaders, besides: readonly string[]): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...besides, ...named]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}
