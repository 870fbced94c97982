/** HTTP written by hand over TCP, for what a well-behaved client cannot be made to send. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly socket: Socket;
}

const PATIENCE_MS = 15_000;

export const UPGRADE_HEADERS = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

/**
 * Sends one request and reads the answer's head, and its body as far as it came with it. The socket stays
 * open on our side, even after the server has ended its own.
 */
export async function rawRequest(
  origin: string,
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  const lines = Object.entries({ Host: host, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const timer = setTimeout(
      () => reject(new Error(`no answer to ${method} ${target}`)),
      PATIENCE_MS,
    );
    const finish = () => {
      clearTimeout(timer);
      resolve(received);
    };
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0);
      if (method === 'HEAD' || received.length >= end + 4 + length) finish();
    });
    socket.on('close', finish);
    socket.on('end', () => received !== '' && finish());
  });
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [start = '', ...fields] = head.split('\r\n');
  return {
    status: Number(start.split(' ')[1]),
    headers: Object.fromEntries(
      fields.map((field) => {
        const at = field.indexOf(':');
        return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
      }),
    ),
    body: rest.join('\r\n\r\n'),
    socket,
  };
}

/** One request whose socket is given up once it is answered. */
export async function rawOnce(
  ...given: Parameters<typeof rawRequest>
): Promise<Omit<RawAnswer, 'socket'>> {
  const { socket, ...answer } = await rawRequest(...given);
  socket.destroy();
  return answer;
}

/** Whether the peer has let go of a socket: it then answers what we write with a reset. */
export async function isGone(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timers = [
      setInterval(() => !socket.destroyed && socket.write('x'), 10),
      setTimeout(() => finish(false), 2_000),
    ];
    const finish = (gone: boolean) => {
      for (const timer of timers) clearTimeout(timer);
      resolve(gone);
    };
    socket.once('error', () => finish(true));
    socket.once('close', () => finish(true));
    if (socket.destroyed) finish(true);
  });
}
