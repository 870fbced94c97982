/** One request of a stock AG-UI client and its session: one run, told as Server-Sent Events to its end. */
import type { ServerResponse } from 'node:http';
import type { Actor } from 'xstate';
import { FAULTS, type FaultCode, FaultError } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import type { Log } from '../telemetry/log.ts';
import { EventStreamLine } from './event-stream-line.ts';
import { sendFault } from './http.ts';
import { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { PromptDesk } from './prompt-desk.ts';
import type { RunInput } from './protocol.ts';
import { type SessionParts, tie } from './session.ts';
import type { Viewer } from './viewer.ts';

const HEAD = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

export interface EventStreamParts extends SessionParts {
  readonly response: ServerResponse;
  readonly input: RunInput;
}

export class EventStream implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly viewer: Viewer;
  readonly greeted = false;
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #input: RunInput;
  readonly #line: EventStreamLine;
  readonly #log: Log;
  readonly #prompts: PromptDesk;

  constructor({ response, input, session, identity, log, viewer, prompts }: EventStreamParts) {
    this.session = session;
    this.identity = identity;
    this.#response = response;
    this.#input = input;
    this.#log = log;
    this.#prompts = prompts;
    this.#line = new EventStreamLine(response, input.protocolVersion === '1.0');
    this.outbox = new Outbox(this.#line, () => this.fail('client.tooSlow'));
    this.viewer = viewer(this.outbox, this);
    this.closed = tie(this, prompts, response, (fault) => this.#close(fault));
  }

  /**
   * Begins the run, or follows it where it is known; `after` asks for its rest behind that event. The stream ends
   * with the run.
   */
  async begin(after: string | null): Promise<void> {
    if (!this.#line.isOpen) return; // it ended while it was let in
    this.#response.writeHead(200, HEAD).flushHeaders();
    const { runId } = this.#input;
    try {
      this.viewer.endAfter(runId);
      if (after === null) await this.#prompts.take(this.#input, this);
      else await this.viewer.resume(runId, after);
    } catch (error) {
      if (!(error instanceof FaultError))
        this.#log.error({ err: error }, 'a run could not be begun');
      this.fail(error instanceof FaultError ? error.code : 'store.unavailable');
    }
  }

  fail(fault: FaultCode): void {
    this.session.send({ type: 'client.fault', fault });
  }

  end(): void {
    this.session.send({ type: 'socket.closed' });
  }

  refuse(_: string, fault: FaultCode, detail = ''): void {
    this.#tellError(fault, detail);
    this.end();
  }

  beat(): void {
    if (this.#line.isOpen && this.#line.unsentBytes === 0) this.#line.comment();
  }

  // A stock client knows events of runs and nothing else.
  tellState(): void {}
  tellDraining(): void {}
  reply(): void {}

  #tellError(fault: FaultCode, detail = ''): void {
    const message = detail === '' ? FAULTS[fault].say : detail;
    this.outbox.tell({ type: 'RUN_ERROR', message, code: fault });
  }

  #close(fault: FaultCode | null): void {
    this.viewer.close();
    this.#log.info({ fault }, 'session closed');
    if (!this.#line.isOpen) return;
    if (!this.#response.headersSent) return sendFault(this.#response, fault ?? 'server.restarting');
    if (fault === 'client.tooSlow') return void this.#response.destroy(); // it would not read why
    if (fault !== null) this.#tellError(fault);
    this.#response.end();
  }
}
