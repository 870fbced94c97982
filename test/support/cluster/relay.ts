/** A line between a server and its database that a test can hold up, as a network does that loses everything, or cut. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Relay {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #held = false;
  /** What is to be told of once the line is back. */
  #closed: (() => void)[] = [];

  private constructor(port: number) {
    this.#server = createServer((near) => this.#join(near, port));
  }

  /** @param port Where it leads, on this machine. */
  static async open(port: number): Promise<Relay> {
    const relay = new Relay(port);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing comes through, and nobody is told. */
  hold(): void {
    this.#held = true;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.pause();
  }

  /** All goes on. What was sent before the line was held up arrives now, late. */
  release(): void {
    this.#held = false;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resume();
    for (const tell of this.#closed.splice(0)) tell();
  }

  /** Breaks all connections; new ones are let through. */
  cut(): void {
    for (const sockets of this.#pairs) for (const socket of sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.release();
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, port: number): void {
    const pair = [near, connect(port, '127.0.0.1')] as const;
    const [, far] = pair;
    this.#pairs.add(pair);
    this.#carry(near, far, pair);
    this.#carry(far, near, pair);
  }

  #carry(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    from.setNoDelay(true);
    from.on('data', (data) => to.write(data));
    if (this.#held) from.pause();
    from.on('error', () => {});
    from.on('close', () => {
      const tell = () => {
        this.#pairs.delete(pair);
        to.destroySoon();
      };
      if (this.#held) this.#closed.push(tell);
      else tell();
    });
  }
}
