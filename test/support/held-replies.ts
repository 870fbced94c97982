/** A way to PostgreSQL on which its answers can be kept back, and the connections be cut. */
import { connect, createServer, type Socket } from 'node:net';

export class HeldReplies {
  readonly url: string;
  /** From now on what the server says stays here. */
  held = false;
  readonly #sockets: Set<Socket>;
  readonly #close: () => void;

  private constructor(url: string, sockets: Set<Socket>, close: () => void) {
    this.url = url;
    this.#sockets = sockets;
    this.#close = close;
  }

  static async before(url: string): Promise<HeldReplies> {
    const sockets = new Set<Socket>();
    const server = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const way = new URL(url);
    const target = Number(way.port);
    way.port = String((server.address() as { port: number }).port);
    const replies = new HeldReplies(way.href, sockets, () => server.close());
    server.on('connection', (client) => {
      const upstream = connect(target, '127.0.0.1');
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.end();
        });
      }
      client.pipe(upstream);
      upstream.on('data', (data) => replies.held || client.write(data));
    });
    return replies;
  }

  /** All connections there are now break; later ones are answered. */
  cut(): void {
    this.held = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#close();
  }
}
