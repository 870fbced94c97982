/** The HTTP server: what every request has in common, and the forms of answers. Which paths there are is the router's. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FAULTS, type FaultCode, FaultError, faultIn } from '../faults.ts';
import type { Log } from '../telemetry/log.ts';
import { timeBody, UPLOAD_TOTAL_MS } from './body-time.ts';
import { type ErrorPages, errorPages } from './error-pages.ts';
import { isForOperators } from './ops/place.ts';
import { sendPage } from './pages.ts';
import { type Found, Router, type Site } from './router.ts';
import { securityHeaders } from './security-headers.ts';
import { hasAlready, send } from './send.ts';
import type { Door } from './websocket.ts';

const HEADERS_TIMEOUT_MS = 5_000;
/** How often timeouts are looked at: with Node's default of 30 s, a slow header would live that long. */
const CHECK_MS = 500;
/** Of all headers of a request together. */
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 100;
/**
 * Longer than Caddy keeps an idle connection to use it again (2 min): the one who sends must be the first to let go,
 * or a request meets a connection that just closed.
 */
const KEEP_ALIVE_MS = 125_000;
/** Connections beside the WebSockets there may be: requests that are answered, and upgrades that are refused. */
const OTHER_CONNECTIONS = 1_000;

/** Answered until the end of a drain: the wish to stop what still runs. How the server is, is told all along. */
const WHILE_DRAINING = 'POST /api/runs/*/abort';

const PLAIN = 'text/plain; charset=utf-8';

export function createHttpServer(site: Site, door: Door, log: Log): Server {
  const router = new Router(site);
  const { basePath } = site;
  const pages = errorPages(basePath);
  const always = new Map(Object.entries(securityHeaders(site.secure)));
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: HEADERS_TIMEOUT_MS + UPLOAD_TOTAL_MS, // each has less: see `timeBody`
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      // An edge asks /auth/verify with the Upgrade headers of the request it is about: only two paths upgrade.
      shouldUpgradeCallback: (request) =>
        isSocket(request, basePath) && !hasTooManyHeaders(request),
    },
    (request, response) => {
      const id = randomUUID();
      response.setHeaders(always).setHeader('X-Request-Id', id);
      if (hasTooManyHeaders(request)) {
        response.setHeader('Connection', 'close');
        return send(response, 431, PLAIN, `At most ${HEADERS_MAX} header lines\n`);
      }
      timeBody(request);
      const path = pathOf(request);
      if (path === basePath) return redirect(response, 308, `${basePath}/`);
      const found = router.find(request.method ?? '', path);
      if (router.isInside(path) && door.isRefusing && found?.route !== WHILE_DRAINING) {
        response.setHeader('Connection', 'close');
        return refuse(response, pages, 'server.restarting');
      }
      respond(router, pages, found, request, response).catch((error: unknown) => {
        if (!(error instanceof FaultError))
          log.error({ request: id, err: error }, 'a request failed');
        const fault = faultIn(error);
        // What is wrong with a request is its sender's business; what is wrong here is not.
        const isTheirs = error instanceof FaultError && FAULTS[fault].status === 400;
        refuse(response, pages, fault, isTheirs ? error.message : FAULTS[fault].say);
      });
    },
  );
  // Node would drop those over its own maximum without a word, and an edge's word might be one of them.
  server.maxHeadersCount = 0;
  server.maxConnections = site.maxSockets + OTHER_CONNECTIONS;
  server.on('upgrade', (request, socket, head) => door.upgrade(request, socket, head));
  return server;
}

function isSocket(request: IncomingMessage, basePath: string): boolean {
  return pathOf(request) === `${basePath}/ws` || isForOperators(request.url, basePath);
}

function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * HEADERS_MAX;
}

async function respond(
  router: Router,
  pages: ErrorPages,
  found: Found | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (found) {
    const query = new URLSearchParams(request.url?.split('?')[1]);
    return found.handler(request, response, query, found.stars);
  }
  const allowed = router.methodsOf(pathOf(request));
  if (allowed.length === 0)
    return isPageLoad(request)
      ? sendPage(response, 404, pages.notFound)
      : send(response, 404, PLAIN, 'Not found\n');
  response.setHeader('Allow', allowed.join(', '));
  send(response, 405, PLAIN, 'Method not allowed\n');
}

export function pathOf(request: IncomingMessage): string {
  return request.url?.split('?')[0] ?? '';
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.setHeader('Cache-Control', 'no-store');
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

/** In words where a person waits for a page, as JSON to all else. */
function refuse(response: ServerResponse, pages: ErrorPages, fault: FaultCode, message?: string) {
  if (!isPageLoad(response.req) || response.headersSent) return sendFault(response, fault, message);
  const status = FAULTS[fault].status ?? 500;
  noteRetry(response, status);
  sendPage(response, status, pages.of(fault));
}

function noteRetry(response: ServerResponse, status: number): void {
  if (status === 503) response.setHeader('Retry-After', '2');
}

/** @param message What is wrong with this very request, where the fault's own sentence does not say. */
export function sendFault(
  response: ServerResponse,
  fault: FaultCode,
  message: string = FAULTS[fault].say,
): void {
  if (response.headersSent) return void response.destroy();
  const status = FAULTS[fault].status ?? 500;
  noteRetry(response, status);
  sendJson(response, status, { fault, message });
}

/** A body that is asked for again and again: `304` where the client has it already. */
export function sendCached(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
): void {
  sendCachedText(request, response, 'application/json', `${JSON.stringify(body)}\n`);
}

export function sendCachedText(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  text: string,
): void {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', 'private, no-cache');
  if (hasAlready(request, etag)) return void response.writeHead(304).end();
  send(response, 200, type, text);
}

/** Whether its body is said to be JSON: a page elsewhere cannot send that without asking first. */
export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '');
}

/** @throws {FaultError} `request.malformed` for what is not a JSON object, or too long. */
export async function readJson(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Record<string, unknown>> {
  const body = await readBody(request, bytesMax);
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  throw new FaultError('request.malformed', 'its body is not a JSON object');
}

/** @throws What `tooLong` makes, when it is over `bytesMax`; what is over is not kept. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  tooLong = () => new FaultError('request.malformed', `over ${bytesMax} bytes`),
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLong();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of bodyOf(request)) {
    bytes += part.length;
    if (bytes > bytesMax) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** @throws {FaultError} `request.malformed` when it ends before its end. */
export async function* bodyOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // Whoever stops reading still wants to answer: the line stays.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    if (request.complete) throw error;
    throw new FaultError('request.malformed', 'its body was cut off');
  }
}

export function redirect(
  response: ServerResponse,
  status: 302 | 303 | 308,
  location: string,
): void {
  response.setHeader('Location', location);
  response.setHeader('Cache-Control', 'no-store');
  send(response, status, 'text/plain; charset=utf-8', `${location}\n`);
}

/** Whether a person waits for a page: only then is a redirect to the login of any use. */
export function isPageLoad({ headers }: IncomingMessage): boolean {
  if (headers.upgrade !== undefined || headers['sec-websocket-key'] !== undefined) return false;
  const destination = headers['sec-fetch-dest'];
  if (destination !== undefined) return destination === 'document';
  return headers.accept?.includes('text/html') === true;
}
