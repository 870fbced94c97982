/** One request and its session: one run, told in the answer to it. How it is told is the business of each kind. */
import type { ServerResponse } from 'node:http';
import type { Actor } from 'xstate';
import { type FaultCode, FaultError, faultIn } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import type { Refused } from '../store/limits.ts';
import { type Line, Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { PromptDesk } from './prompt-desk.ts';
import type { RunInput } from './protocol.ts';
import { type SessionParts, tie } from './session.ts';
import type { SessionLog } from './session-log.ts';
import type { Viewer } from './viewer.ts';

export interface AnswerParts extends SessionParts {
  readonly response: ServerResponse;
  readonly input: RunInput;
}

export abstract class AnswerPeer implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly viewer: Viewer;
  readonly greeted = false;
  readonly closed: Promise<void>;
  protected readonly response: ServerResponse;
  protected readonly input: RunInput;
  readonly #log: SessionLog;
  readonly #prompts: PromptDesk;

  constructor(parts: AnswerParts, line: Line) {
    const { response, input, session, identity, log, viewer, prompts } = parts;
    this.session = session;
    this.identity = identity;
    this.response = response;
    this.input = input;
    this.#log = log;
    this.#prompts = prompts;
    this.outbox = new Outbox(line, () => this.fail('client.tooSlow'));
    this.viewer = viewer(this.outbox, this);
    this.closed = tie(this, parts, response, (fault) => this.close(fault));
  }

  abstract refuse(runId: string, fault: FaultCode, detail?: string, refusal?: Refused): void;
  abstract beat(): void;
  /** The session has ended, for a reason; null: there is nothing more to say. */
  protected abstract close(fault: FaultCode | null): void;

  /** Begins the run, or follows it where it is known; `after` asks for its rest behind that event. */
  protected async follow(after: string | null): Promise<void> {
    const { runId } = this.input;
    try {
      this.viewer.endAfter(runId);
      if (after === null) await this.#prompts.take(this.input, this);
      else await this.viewer.resume(runId, after);
    } catch (error) {
      if (!(error instanceof FaultError))
        this.#log.error({ err: error }, 'a run could not be begun');
      this.fail(faultIn(error));
    }
  }

  fail(fault: FaultCode): void {
    this.session.send({ type: 'client.fault', fault });
  }

  end(): void {
    this.session.send({ type: 'socket.closed' });
  }

  // Who reads an answer knows its run and nothing else.
  tellState(): void {}
  tellDraining(): void {}
  reply(): void {}
}
