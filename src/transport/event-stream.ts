/** One request of a stock AG-UI client: one run, told as Server-Sent Events to its end. */
import { FAULTS, type FaultCode } from '../faults.ts';
import { type AnswerParts, AnswerPeer } from './answer-peer.ts';
import { EventStreamLine } from './event-stream-line.ts';
import { sendFault } from './http.ts';

const HEAD = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

export class EventStream extends AnswerPeer {
  readonly #line: EventStreamLine;

  constructor(parts: AnswerParts) {
    const line = new EventStreamLine(parts.response, parts.input.protocolVersion === '1.0');
    super(parts, line);
    this.#line = line;
  }

  /** The stream ends with the run. */
  async begin(after: string | null): Promise<void> {
    if (!this.#line.isOpen) return; // it ended while it was let in
    this.response.writeHead(200, HEAD).flushHeaders();
    await this.follow(after);
  }

  refuse(_: string, fault: FaultCode, detail = ''): void {
    this.#tellError(fault, detail);
    this.end();
  }

  beat(): void {
    if (this.#line.isOpen && this.#line.unsentBytes === 0) this.#line.comment();
  }

  #tellError(fault: FaultCode, detail = ''): void {
    const message = detail === '' ? FAULTS[fault].say : detail;
    this.outbox.tell({ type: 'RUN_ERROR', message, code: fault });
  }

  protected close(fault: FaultCode | null): void {
    if (!this.#line.isOpen) return;
    if (!this.response.headersSent) return sendFault(this.response, fault ?? 'server.restarting');
    if (fault === 'client.tooSlow') return void this.response.destroy(); // it would not read why
    if (fault !== null) this.#tellError(fault);
    this.response.end();
  }
}
