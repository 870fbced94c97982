/**
 * What one WebSocket sends: counted as it comes, read, and handled one frame after the other, so that a prompt that
 * waits for the store does not let a later one pass.
 */
import type { WebSocket } from 'ws';
import { FaultError } from '../faults.ts';
import type { FrameBudget, TooSoon, Verdict } from './frame-budget.ts';

/** While more than this of a client's frames waits for the store, nothing more is read from it. */
const WAITING_BYTES_MAX = 256 * 1024;

/** Of a frame over the budget that is longer, only the name to refuse it by is looked for: a long one is a prompt. */
const READ_BYTES_MAX = 64 * 1024;
const DONE: Promise<void> = Promise.resolve();
const RUN_ID = /"runId"\s*:\s*"([A-Za-z0-9_-]{1,64})"/;

/** What a client may send: a prompt by the id of its run, or what says what it is. */
type Sent =
  | { readonly type: string; readonly ref?: string | undefined }
  | { readonly runId: string };

export interface InboundPorts<Frame extends Sent> {
  /** What a text frame asks. @throws {FaultError} What it cannot be. */
  decode(text: string): Frame;
  /** Something came, be it a ping. */
  alive(): void;
  take(frame: Frame): Promise<void>;
  /**
   * One over the budget goes no further: a prompt by the id of its run, all else (null) by its `ref`.
   * @param refusal Null, but for the first until the client has paused: what answers a flood must not be one.
   */
  refuse(runId: string | null, ref: string | undefined, refusal: TooSoon | null): void;
  fail(error: unknown): void;
}

export class Inbound<Frame extends Sent> {
  readonly #socket: WebSocket;
  readonly #budget: FrameBudget;
  readonly #ports: InboundPorts<Frame>;
  #work = DONE;
  #waitingBytes = 0;
  #flooded = false;

  constructor(socket: WebSocket, budget: FrameBudget, ports: InboundPorts<Frame>) {
    this.#socket = socket;
    this.#budget = budget;
    this.#ports = ports;
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    const control = () => this.#endIf(this.#count());
    socket.on('ping', control);
    socket.on('pong', control);
  }

  /** Does this behind all that came before, and before all that comes later. */
  next(work: () => Promise<void> | void): void {
    this.#work = this.#work.then(work).catch((error) => this.#ports.fail(error));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#flooded) return;
    const verdict = this.#count();
    if (isBinary) return this.#ports.fail(new FaultError('frame.malformed'));
    if (verdict === 'within') this.#queue(data);
    else this.#refuse(data);
    this.#endIf(verdict);
  }

  #count(): Verdict {
    this.#ports.alive();
    return this.#budget.take();
  }

  /** What was let in before is still done, an abort above all. */
  #endIf(verdict: Verdict): void {
    if (verdict !== 'flood' || this.#flooded) return;
    this.#flooded = true;
    this.next(() => this.#ports.fail(new FaultError('client.flooding')));
  }

  #queue(data: Buffer): void {
    this.#waitingBytes += data.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.#socket.pause();
    this.next(async () => {
      try {
        await this.#ports.take(this.#ports.decode(data.toString('utf8')));
      } finally {
        this.#waitingBytes -= data.length;
        if (this.#socket.isPaused && this.#waitingBytes <= WAITING_BYTES_MAX) this.#socket.resume();
      }
    });
  }

  /** Whoever wants to stop a run is heard, however much they said before. */
  #refuse(data: Buffer): void {
    const text = data.toString('utf8');
    const refuse = (runId: string | null, ref?: string) =>
      this.#ports.refuse(runId, ref, this.#budget.announce());
    if (data.length > READ_BYTES_MAX) return refuse(RUN_ID.exec(text)?.[1] ?? null);
    try {
      const frame = this.#ports.decode(text);
      const sent: Sent = frame;
      if (!('type' in sent)) refuse(sent.runId);
      else if (sent.type === 'abort') this.next(() => this.#ports.take(frame));
      else refuse(null, sent.ref);
    } catch (error) {
      this.next(() => this.#ports.fail(error));
    }
  }
}
