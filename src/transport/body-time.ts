/** How long the body of a request may take, so that nobody holds a connection by sending next to nothing. */
import type { IncomingMessage } from 'node:http';

const TOTAL_MS = 30_000;
/** The same for an upload, which starts to count when it is let in: 25 MiB come in that at 350 kbit/s. */
export const UPLOAD_TOTAL_MS = 600_000;
/** A body that sends nothing at all is given up after this long … */
const GRACE_MS = 5_000;
/** … and one that sends something a second later for each kibibyte it has sent. */
const BYTES_PER_MS = 1_024 / 1_000;
/** How often that is looked at. */
const CHECK_MS = 500;

interface Allowed {
  began: number;
  totalMs: number;
}

const allowed = new WeakMap<IncomingMessage, Allowed>();

/** Cuts off a request whose body has not come whole in its time, or does not come on, whoever still reads it. */
export function timeBody(request: IncomingMessage): void {
  const { headers, socket } = request;
  const isEmpty = headers['transfer-encoding'] === undefined && !Number(headers['content-length']);
  if (isEmpty) return;
  const began = performance.now();
  const bytesBefore = socket.bytesRead;
  const own: Allowed = { began, totalMs: TOTAL_MS };
  allowed.set(request, own);
  const timer = setInterval(() => {
    if (request.complete) return clearInterval(timer);
    // What was read, not what was taken: a handler that is slow to take it is not the sender's fault.
    const graceMs = GRACE_MS + (socket.bytesRead - bytesBefore) / BYTES_PER_MS;
    const now = performance.now();
    if (now - began > graceMs || now - own.began > own.totalMs) request.destroy();
  }, CHECK_MS).unref();
  request.once('close', () => clearInterval(timer));
}

/** Gives the body of a request that was let in the time an upload takes. */
export function allowUpload(request: IncomingMessage): void {
  const own = allowed.get(request);
  if (own) Object.assign(own, { began: performance.now(), totalMs: UPLOAD_TOTAL_MS });
}
