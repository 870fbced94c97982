/**
 * One WebSocket of a client of the replaced server, and its session actor: it asks, and is told the answer's text
 * alone. It knows one answer at a time, so what it asks meanwhile waits here until that one has ended.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor } from 'xstate';
import { type FaultCode, FaultError, faultIn } from '../../faults.ts';
import type { Identity } from '../../machines/session.events.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import type { Refused } from '../../store/limits.ts';
import type { FrameBudget } from '../frame-budget.ts';
import { Inbound } from '../inbound.ts';
import { Outbox } from '../outbox.ts';
import type { Peer } from '../peer.ts';
import type { PromptDesk } from '../prompt-desk.ts';
import type { ClientFrame, LimitName, RunInput } from '../protocol.ts';
import { type SessionParts, tie } from '../session.ts';
import type { SessionLog } from '../session-log.ts';
import { Heartbeat, hangUp } from '../socket-life.ts';
import type { Viewer } from '../viewer.ts';
import { decodeChatFrame } from './chat-request.ts';
import { ChatStreamLine } from './chat-stream-line.ts';
import { type ChatPlace, pageAt } from './place.ts';
import { sayFault, sayThrottled, TOO_MANY_WAIT } from './sentences.ts';

/** Requests that wait for the answer before them. Each is as long as a prompt may be, at most. */
const WAITING_MAX = 8;

/** These end a socket that can read codes; here the sentence is told, and the next request is heard. */
const FORGIVEN: readonly FaultCode[] = ['frame.malformed', 'prompt.tooLarge'];

/** Nobody reads why. */
const UNTOLD: readonly FaultCode[] = ['client.tooSlow', 'client.flooding'];

export interface ChatStreamParts extends SessionParts {
  readonly socket: WebSocket;
  /** What the WebSocket writes to. */
  readonly wire: Duplex;
  readonly frames: FrameBudget;
  /** Of requests that name none; null: each begins a new one. */
  readonly conversationId: string | null;
  readonly at: ChatPlace;
}

export class ChatStream implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly viewer: Viewer;
  readonly greeted = false;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #log: SessionLog;
  readonly #prompts: PromptDesk;
  /** The run whose answer is told. */
  #current: string | null = null;
  readonly #waiting: RunInput[] = [];
  readonly #heartbeat: Heartbeat;

  constructor({
    socket,
    wire,
    session,
    identity,
    log,
    viewer,
    prompts,
    ...parts
  }: ChatStreamParts) {
    const { frames, conversationId, at } = parts;
    this.session = session;
    this.identity = identity;
    this.#socket = socket;
    this.#heartbeat = new Heartbeat(socket);
    this.#log = log;
    this.#prompts = prompts;
    const line = new ChatStreamLine(socket, wire, pageAt(at), () => this.#ended());
    this.outbox = new Outbox(line, () => this.fail('client.tooSlow'));
    this.viewer = viewer(this.outbox, this);
    new Inbound(socket, frames, {
      decode: (text) => decodeChatFrame(text, conversationId, at.maxPromptBytes),
      alive: () => this.#heartbeat.heard(),
      take: (frame) => this.#take(frame),
      refuse: (runId, _, refusal) => this.#refuseFrame(runId, refusal),
      fail: (error) => this.#failed(error),
    });
    socket.on('error', (error: Error & { code?: string }) =>
      log.debug({ errno: error.code }, 'socket error'),
    );
    this.closed = tie(this, { prompts, log }, socket, (fault) => this.#close(fault));
  }

  fail(fault: FaultCode): void {
    this.session.send({ type: 'client.fault', fault });
  }

  end(): void {
    this.session.send({ type: 'socket.closed' });
  }

  refuse(runId: string, fault: FaultCode, detail = '', refusal: Refused | null = null): void {
    this.#tell(fault, refusal ? sayThrottled(refusal) : detail);
    if (runId === this.#current) this.#ended();
  }

  beat(): void {
    this.#heartbeat.beat();
  }

  // This client knows answers and nothing else.
  tellState(): void {}
  tellDraining(): void {}
  reply(): void {}

  async #take(frame: ClientFrame): Promise<void> {
    if ('type' in frame) return;
    if (this.#current === null) return this.#begin(frame);
    if (this.#waiting.length >= WAITING_MAX) this.#tell('queue.full', TOO_MANY_WAIT);
    else this.#waiting.push(frame);
  }

  async #begin(input: RunInput): Promise<void> {
    if (this.session.getSnapshot().status !== 'active') return;
    this.#current = input.runId;
    try {
      await this.#prompts.take(input, this);
    } catch (error) {
      this.#failed(error);
      if (input.runId === this.#current) this.#ended();
    }
  }

  /** The answer was told, or why there is none. */
  #ended(): void {
    this.#current = null;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#begin(next);
  }

  /** It came too soon. Who goes on and on is told once why, and of no kind that means nothing. */
  #refuseFrame(runId: string | null, refusal: Refused<LimitName> | null): void {
    if (refusal !== null) this.#tell('throttled', sayThrottled(refusal));
    else if (runId !== null) this.#tell('throttled');
  }

  #failed(error: unknown): void {
    if (error instanceof FaultError && FORGIVEN.includes(error.code))
      return this.#tell(error.code, error.message);
    if (!(error instanceof FaultError))
      this.#log.error({ err: error }, 'a frame could not be handled');
    this.fail(faultIn(error));
  }

  #tell(code: FaultCode, detail = ''): void {
    this.outbox.tell({ type: 'fault', code, message: detail || sayFault(code) });
  }

  #close(fault: FaultCode | null): void {
    if (fault !== null && !UNTOLD.includes(fault)) this.#tell(fault);
    hangUp(this.#socket, fault);
  }
}
