import type { IncomingMessage, ServerResponse } from 'node:http';

/** A whole answer at once; a HEAD gets its headers alone. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Whether the client has what this names. A proxy that compressed it on its way has called the name a weak one. */
export function hasAlready({ headers }: IncomingMessage, etag: string): boolean {
  const known = headers['if-none-match']?.split(',') ?? [];
  return known.some((each) => each.trim().replace(/^W\//, '') === etag);
}

/** To a request that is only for WebSockets. */
export function sendUpgradeRequired(response: ServerResponse): void {
  response.setHeader('Upgrade', 'websocket');
  send(response, 426, 'text/plain; charset=utf-8', 'Connect with a WebSocket\n');
}
