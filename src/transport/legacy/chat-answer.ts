/** One request of a client of the replaced server and its session: a prompt, and its whole answer at once. */
import type { ServerResponse } from 'node:http';
import type { Actor } from 'xstate';
import { type FaultCode, FaultError } from '../../faults.ts';
import type { Identity } from '../../machines/session.events.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import type { Refused } from '../../store/limits.ts';
import type { Log } from '../../telemetry/log.ts';
import { sendFault, sendJson } from '../http.ts';
import { Outbox } from '../outbox.ts';
import type { Peer } from '../peer.ts';
import type { PromptDesk } from '../prompt-desk.ts';
import type { RunInput } from '../protocol.ts';
import { type SessionParts, tie } from '../session.ts';
import type { Viewer } from '../viewer.ts';
import { ChatAnswerLine } from './chat-answer-line.ts';
import type { Failure } from './parts.ts';
import { sayFault, sayThrottled } from './sentences.ts';

export interface ChatAnswerParts extends SessionParts {
  readonly response: ServerResponse;
  readonly input: RunInput;
  /** Where approvals are answered. */
  readonly page: string | null;
}

export class ChatAnswer implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly viewer: Viewer;
  readonly greeted = false;
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #input: RunInput;
  readonly #log: Log;
  readonly #prompts: PromptDesk;

  constructor({ response, input, page, session, identity, log, viewer, prompts }: ChatAnswerParts) {
    this.session = session;
    this.identity = identity;
    this.#response = response;
    this.#input = input;
    this.#log = log;
    this.#prompts = prompts;
    const line = new ChatAnswerLine(response, page, (text, failure) => this.#answer(text, failure));
    this.outbox = new Outbox(line, () => this.fail('client.tooSlow'));
    this.viewer = viewer(this.outbox, this);
    this.closed = tie(this, prompts, response, (fault) => this.#close(fault));
  }

  /** Begins the run; the answer comes with its end. */
  async begin(): Promise<void> {
    if (this.#response.destroyed) return; // it went while it was let in
    try {
      this.viewer.endAfter(this.#input.runId);
      await this.#prompts.take(this.#input, this);
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

  refuse(_: string, fault: FaultCode, detail = '', refusal: Refused | null = null): void {
    const { retryAfterMs = null } = refusal ?? {};
    if (retryAfterMs !== null)
      this.#response.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1_000)));
    const message = refusal ? sayThrottled(refusal) : detail || sayFault(fault);
    sendFault(this.#response, fault, message);
    this.end();
  }

  // Nothing is said before the answer.
  beat(): void {}
  tellState(): void {}
  tellDraining(): void {}
  reply(): void {}

  #answer(text: string, failure: Failure | null): void {
    if (this.#response.headersSent) return;
    const conversation_id = this.#input.threadId;
    if (failure === null) return sendJson(this.#response, 200, { response: text, conversation_id });
    const { code: fault, message, status } = failure;
    sendJson(this.#response, status, { fault, message, conversation_id });
  }

  #close(fault: FaultCode | null): void {
    this.viewer.close();
    this.#log.info({ fault }, 'session closed');
    if (!this.#response.headersSent) sendFault(this.#response, fault ?? 'server.restarting');
  }
}
