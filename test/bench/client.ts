/**
 * The benchmark's only client: a WebSocket on a bare TCP socket. It does as little as the protocol allows, so
 * that on two cores the client is never what is measured.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const OPEN_MS = 20_000;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

export class Client {
  /** Takes each message, a text frame's payload; valid during the call only. */
  onMessage: (payload: Buffer) => void = () => {};
  closed = false;
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that must be here before looking is worth it: a long frame is put together once. */
  #needed = 2;

  /** @param headers Lines of the upgrade request besides those of every WebSocket, each ended by CRLF. */
  static open(port: number, path: string, headers = ''): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.setTimeout(OPEN_MS, () => socket.destroy(new Error('the upgrade was not answered')));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed before the upgrade')));
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${headers}\r\n`,
      );
      let head = Buffer.alloc(0);
      const onHead = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        socket.removeAllListeners();
        socket.setTimeout(0);
        const status = head.toString('latin1', 0, head.indexOf('\r\n'));
        if (status.includes(' 101')) return resolve(new Client(socket, head.subarray(end + 4)));
        socket.destroy();
        reject(new Error(`refused: ${status}`));
      };
      socket.on('data', onHead);
    });
  }

  private constructor(socket: Socket, first: Buffer) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    if (first.length > 0) setImmediate(() => this.#take(first));
  }

  send(text: string): void {
    this.#write(TEXT, Buffer.from(text));
  }

  /** A reader that stalls: nothing is read until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** With a reset, so that ten thousand closed sockets do not use up the ports for a minute. */
  close(): void {
    this.#socket.resetAndDestroy();
  }

  /** Clients must mask; a key of zeros leaves the payload as it is. */
  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 6 : 8);
    head[0] = 0x80 | opcode;
    if (length < 126) head[1] = 0x80 | length;
    else {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(length, 2);
    }
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #take(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return;
    const data = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#bytes);
    const rest = this.#readFrames(data);
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
  }

  /** Returns what is left: the start of a frame that is not whole yet. */
  #readFrames(data: Buffer): Buffer {
    let at = 0;
    for (;;) {
      this.#needed = 2;
      if (data.length - at < 2) return data.subarray(at);
      const short = data[at + 1]! & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (data.length - at < head) return data.subarray(at);
      const length =
        short === 126
          ? data.readUInt16BE(at + 2)
          : short === 127
            ? Number(data.readBigUInt64BE(at + 2))
            : short;
      this.#needed = head + length;
      if (data.length - at < this.#needed) return data.subarray(at);
      this.#frame(data[at]! & 0x0f, data.subarray(at + head, at + head + length));
      at += head + length;
    }
  }

  #frame(opcode: number, payload: Buffer): void {
    if (opcode === PING) this.#write(PONG, payload);
    else if (opcode === CLOSE) this.#socket.end();
    else if (opcode !== PONG) this.onMessage(payload);
  }
}
