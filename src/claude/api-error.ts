/** Errors in the shape of the Claude API's own, which the CLI knows how to treat. */
import type { ServerResponse } from 'node:http';

/** Answers with an error; cuts an answer that has begun. What is left of the request is read and dropped. */
export function refuse(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
): void {
  if (response.headersSent) return void response.destroy();
  response.req.resume();
  const body = JSON.stringify({ type: 'error', error: { type, message } });
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
