import type { OpsClientFrame, OpsServerFrame } from '../../transport/ops/protocol.ts';
import { backoffMs } from '../backoff.ts';

/** How the page stands to its server. `refused`: whoever is signed in is no operator. */
export type LineState =
  | { readonly is: 'connecting' }
  | { readonly is: 'live' }
  | { readonly is: 'waiting'; readonly until: number }
  | { readonly is: 'signedOut' }
  | { readonly is: 'refused' };

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LineParts {
  open: () => Socket;
  /** The status of a request for something of the operators', as a browser does not tell why a socket was refused; 0: none. */
  probe: () => Promise<number>;
  receive: (frame: OpsServerFrame) => void;
  changed: (state: LineState) => void;
  random: () => number;
  now: () => number;
  later: (act: () => void, ms: number) => () => void;
}

/** Only what has stood for so long counts as a connection: else one that is closed at once is tried without a pause. */
const STEADY_MS = 5_000;

/** The operators' WebSocket: opened again after a backoff for as long as that may mend it. */
export class Line {
  readonly #parts: LineParts;
  #socket: Socket | null = null;
  #tries = 0;
  #cancel = () => {};

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  start(): void {
    this.stop();
    this.#parts.changed({ is: 'connecting' });
    const { now } = this.#parts;
    const socket = this.#parts.open();
    let openedAt: number | null = null;
    this.#socket = socket;
    socket.onopen = () => {
      openedAt = now();
      this.#parts.changed({ is: 'live' });
    };
    socket.onclose = ({ code }) => {
      this.#drop();
      if (openedAt !== null && now() - openedAt >= STEADY_MS) this.#tries = 0;
      void this.#afterClose(code, openedAt !== null);
    };
    socket.onmessage = ({ data }) => {
      const frame = parse(data);
      if (frame?.type === 'ping') this.send({ type: 'pong' });
      else if (frame) this.#parts.receive(frame);
    };
  }

  /** Ends it for good, until it is started. */
  stop(): void {
    this.#cancel();
    const socket = this.#socket;
    this.#drop();
    socket?.close();
  }

  /** False: there is no line. */
  send(frame: OpsClientFrame): boolean {
    try {
      this.#socket?.send(JSON.stringify(frame));
      return this.#socket !== null;
    } catch {
      return false; // it is still connecting
    }
  }

  #drop(): void {
    if (this.#socket) this.#socket.onopen = this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket = null;
  }

  async #afterClose(code: number, wasOpen: boolean): Promise<void> {
    const end = endOf(code) ?? (wasOpen ? null : endOf(await this.#parts.probe()));
    if (this.#socket) return; // it was started anew meanwhile
    if (end) return this.#parts.changed({ is: end });
    const ms = backoffMs(this.#tries, this.#parts.random());
    this.#tries += 1;
    this.#parts.changed({ is: 'waiting', until: this.#parts.now() + ms });
    this.#cancel = this.#parts.later(() => this.start(), ms);
  }
}

/** What a close code, or the status of an answer, ends for good; null: it may be mended by waiting. */
function endOf(code: number): 'signedOut' | 'refused' | null {
  if (code === 4401 || code === 401) return 'signedOut';
  return code === 4403 || code === 403 ? 'refused' : null;
}

function parse(data: unknown): OpsServerFrame | null {
  try {
    const value: unknown = JSON.parse(String(data));
    return typeof value === 'object' && value !== null && 'type' in value
      ? (value as OpsServerFrame)
      : null;
  } catch {
    return null;
  }
}
