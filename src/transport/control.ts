/**
 * The operator's way in on the machine itself: HTTP over a Unix socket in the data directory, which only the
 * server's own user can open. It hands out sign-ins, so there is nothing else to prove.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { controlPath } from './control-path.ts';
import { type ControlStreams, stream } from './control-stream.ts';

const BODY_BYTES_MAX = 4_096;
const ANSWER_MS = 5_000;

export type ControlHandlers = Readonly<
  Record<string, (body: Record<string, unknown>) => Promise<unknown>>
>;

/** Another server has the data directory. */
export class HeldError extends Error {
  /** Its process id, or `unknown` when it does not say. */
  readonly pid: string;
  constructor(dataDir: string, pid: string) {
    super(`CHAT_DATA_DIR: ${dataDir} is held by the server with pid ${pid}`);
    this.pid = pid;
  }
}

/** @throws {HeldError} When another server holds this data directory. */
export async function refuseIfHeld(dataDir: string): Promise<void> {
  const holder = await askControl(dataDir, 'state', {}).catch((error: NodeJS.ErrnoException) => {
    // Nobody listens there: what is left is a dead server's. Any other trouble is a living one's.
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return null;
    return { pid: 'unknown' };
  });
  if (holder !== null) throw new HeldError(dataDir, String(holder.pid));
}

/** @throws {HeldError} When another server holds this data directory. */
export async function listenForControl(
  dataDir: string,
  handlers: ControlHandlers,
  streams: ControlStreams = {},
): Promise<Server> {
  const path = controlPath(dataDir);
  await refuseIfHeld(dataDir);
  rmSync(path, { force: true });
  const server = createServer(async (request, response) => {
    const command = request.url?.slice(1) ?? '';
    const handler = Object.hasOwn(handlers, command) ? handlers[command] : undefined;
    try {
      const body =
        Number(request.headers['content-length'] ?? 0) <= BODY_BYTES_MAX
          ? await text(request)
          : '{}';
      const asked = JSON.parse(body || '{}');
      const told = Object.hasOwn(streams, command) ? streams[command] : undefined;
      if (told) return stream(response, told, asked);
      const answer = handler ? await handler(asked) : { error: 'unknown command' };
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.statusCode = 400;
      response.end(JSON.stringify({ error: (error as Error).message }));
    }
  });
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(path, resolve),
    );
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
  return server;
}

/** Asks the server that holds `dataDir`. @throws When none runs, or it refuses. */
export async function askControl(
  dataDir: string,
  command: string,
  body: object,
  timeout = ANSWER_MS,
): Promise<Record<string, unknown>> {
  const socketPath = controlPath(dataDir);
  const answer = await new Promise<string>((resolve, reject) => {
    const request = httpRequest(
      { socketPath, path: `/${command}`, method: 'POST', timeout },
      (response) => {
        text(response).then(resolve, reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error('the server does not answer')));
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
  const parsed = JSON.parse(answer) as Record<string, unknown>;
  if (typeof parsed.error === 'string') throw new Error(parsed.error);
  return parsed;
}

/** The same, or null when no server holds `dataDir`. */
export async function askIfRunning(
  ...asked: Parameters<typeof askControl>
): Promise<Record<string, unknown> | null> {
  return askControl(...asked).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return null;
    throw error;
  });
}
