/** What the server tells a command on this machine for as long as it listens: one line of JSON each. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { controlPath } from './control-path.ts';

/** With more unsent than this a command that does not read is told nothing. */
const UNSENT_BYTES_MAX = 1024 * 1024;

export interface Listening {
  tell(frame: object): void;
  readonly unsentBytes: () => number;
}

/** Begins to tell, and returns the end of it. */
export type ControlStream = (body: Record<string, unknown>, to: Listening) => () => void;
export type ControlStreams = Readonly<Record<string, ControlStream>>;

export function stream(
  response: ServerResponse,
  begin: ControlStream,
  body: Record<string, unknown>,
): void {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  const end = begin(body, {
    tell(frame) {
      if (response.writableLength < UNSENT_BYTES_MAX) response.write(`${JSON.stringify(frame)}\n`);
    },
    unsentBytes: () => response.writableLength,
  });
  response.once('close', end);
}

/** Listens to the server that holds `dataDir`, until it goes. @throws When none runs, or it refuses. */
export async function* followControl(
  dataDir: string,
  command: string,
  body: object,
): AsyncGenerator<object> {
  const socketPath = controlPath(dataDir);
  const request = httpRequest({ socketPath, path: `/${command}`, method: 'POST' });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  request.end(JSON.stringify(body));
  try {
    for await (const line of linesOf(await answered)) {
      const frame = JSON.parse(line) as { error?: string };
      if (typeof frame.error === 'string') throw new Error(frame.error);
      yield frame;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNRESET') return; // it has gone
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
    throw new Error(
      `no server runs on ${dataDir}; start one with \`greenroom serve\`, or set CHAT_DATA_DIR`,
    );
  } finally {
    request.destroy();
  }
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const text of answer.setEncoding('utf8')) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest; // an answer that is one object, as an error is
}
