/**
 * One WebSocket and its session actor: frames in become events, the machine decides, frames go out. What a
 * socket sees of conversations is its viewer's business, what it sends its prompts'.
 */

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor, SnapshotFrom } from 'xstate';
import { FAULTS, type FaultCode, FaultError, faultIn, refusalIn } from '../faults.ts';
import type { Identity, SessionContext } from '../machines/session.events.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import { decodeFrame } from './decode.ts';
import type { FrameBudget, TooSoon } from './frame-budget.ts';
import { Inbound } from './inbound.ts';
import { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { PromptDesk } from './prompt-desk.ts';
import type { ClientFrame, SessionState } from './protocol.ts';
import type { Readiness } from './readiness.ts';
import { tie } from './session.ts';
import type { SessionLog } from './session-log.ts';
import { Heartbeat, hangUp } from './socket-life.ts';
import type { Viewer } from './viewer.ts';
import { WebSocketLine } from './web-socket-line.ts';

const NOTHING_CHOSEN: Promise<void> = Promise.resolve();

/** The close code of what the store cannot keep: the fault itself is told before it. */
const STORE_DOWN = 1013;

export interface ConnectionParts {
  readonly socket: WebSocket;
  /** What the WebSocket writes to. */
  readonly wire: Duplex;
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly log: SessionLog;
  readonly viewer: (outbox: Outbox, connection: Connection) => Viewer;
  readonly prompts: PromptDesk;
  /** What this client may send. */
  readonly frames: FrameBudget;
  /** The frame that says so; null while this server stays. */
  readonly draining: Readiness['frame'];
}

export class Connection implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #log: SessionLog;
  readonly #prompts: PromptDesk;
  readonly #viewer: Viewer;
  #greeted = false;
  readonly #heartbeat: Heartbeat;
  /** The state the client knows; null until it has caught up with the conversation it watches. */
  #told: { state: SessionState; run: string | null; expiring: number | null } | null = null;
  readonly #draining: Readiness['frame'];
  readonly #inbound: Inbound<ClientFrame>;
  #choosing = NOTHING_CHOSEN;

  constructor({ socket, wire, session, identity, log, viewer, ...parts }: ConnectionParts) {
    const { prompts } = parts;
    this.session = session;
    this.identity = identity;
    this.#draining = parts.draining;
    this.#socket = socket;
    this.#heartbeat = new Heartbeat(socket);
    this.#log = log;
    this.#prompts = prompts;
    this.outbox = new Outbox(new WebSocketLine(socket, wire), () => this.fail('client.tooSlow'));
    this.#viewer = viewer(this.outbox, this);
    this.#inbound = new Inbound(socket, parts.frames, {
      decode: decodeFrame,
      alive: () => this.#heartbeat.heard(),
      take: (frame) => this.#take(frame),
      refuse: (...refused) => this.#refuseFrame(...refused),
      fail: (error) => this.#failed(error),
    });
    socket.on('error', (error: Error & { code?: string }) =>
      this.#log.debug({ errno: error.code }, 'socket error'),
    );
    this.closed = tie(
      this,
      { prompts, log },
      socket,
      (fault) => this.#close(fault),
      (snapshot) => this.#stateChanged(snapshot),
    );
  }

  /** Whether the client said `hello`: it then understands direct frames. */
  get greeted(): boolean {
    return this.#greeted;
  }

  get viewer(): Viewer {
    return this.#viewer;
  }

  /** Ends the session for a reason, which the close code tells the client. */
  fail(fault: FaultCode): void {
    this.session.send({ type: 'client.fault', fault });
  }

  /** Ends the session because there is nothing more to say: close code 1000. */
  end(): void {
    this.session.send({ type: 'socket.closed' });
  }

  /** The client has caught up: it is told the state and what is about to end, and from now on each change. */
  tellState(): void {
    const { value, context } = this.session.getSnapshot();
    if (value === 'authenticating' || value === 'closed') return;
    const { run, expiring } = context;
    this.#told = { state: value, run, expiring };
    this.outbox.tell({ type: 'state', state: value, runId: run });
    this.#tellExpiring(context);
    this.tellDraining();
  }

  /** The server is about to go. One that has not caught up yet is told when it has. */
  tellDraining(): void {
    const draining = this.#draining();
    if (draining !== null && this.#told !== null) this.outbox.tell(draining);
  }

  /** The answer to one client frame, where the client can read one. */
  reply(ref: string | undefined, fault: FaultCode | null): void {
    if (ref !== undefined && this.#greeted) this.outbox.tell({ type: 'reply', ref, fault });
  }

  /** A refusal is not a run: it is told bare, is not kept, and the run id stays free. */
  refuse(runId: string, fault: FaultCode, detail = ''): void {
    const message = detail === '' ? FAULTS[fault].say : detail;
    this.outbox.tell({ type: 'RUN_ERROR', message, code: fault });
    this.reply(runId, fault);
  }

  /** The client comes back for the rest of a run; frames it sends meanwhile wait. */
  resume(runId: string, offset: string): void {
    this.#inbound.next(() => this.#viewer.resume(runId, offset));
  }

  /** Called on every beat: asks for a sign of life, and gives up after two that stayed away. */
  beat(): void {
    if (this.#heartbeat.beat()) this.outbox.tell({ type: 'ping' });
  }

  /** It came too soon. @param refusal What to tell besides. */
  #refuseFrame(runId: string | null, ref: string | undefined, refusal: TooSoon | null): void {
    if (refusal !== null && this.#greeted)
      this.outbox.tell({ type: 'throttled', runId: runId ?? '', ...refusal, parked: false });
    if (runId === null) this.reply(ref, 'throttled');
    else this.refuse(runId, 'throttled');
  }

  async #take(frame: ClientFrame): Promise<void> {
    if (this.session.getSnapshot().status !== 'active') return;
    if (!('type' in frame)) return this.#prompts.take(frame, this);
    if (frame.type !== 'choose') return this.#answer(frame);
    // A clone may take minutes: only the next choice waits for it.
    await this.#choosing;
    this.#choosing = this.#answer(frame).catch((error) => this.#failed(error));
  }

  async #answer(frame: Extract<ClientFrame, { type: string }>): Promise<void> {
    const fault = await this.#obey(frame).catch(refusalIn);
    this.reply(frame.ref, fault);
  }

  /** Returns what was refused of it, where that does not end the socket. */
  async #obey(frame: Extract<ClientFrame, { type: string }>): Promise<FaultCode | null> {
    switch (frame.type) {
      case 'hello':
        this.#greeted = true;
        this.#told = null;
        await this.#viewer.watch(frame.threadId, frame.after);
        break;
      case 'abort':
        await this.#prompts.abort(frame.runId, this);
        break;
      case 'unpark':
        return this.#prompts.unpark(frame.runId, this);
      case 'sendNow':
        return this.#prompts.sendNow(frame.runId, this);
      case 'warm':
        await this.#viewer.warm();
        break;
      case 'choose':
        await this.#viewer.choose(frame);
        break;
      case 'pong':
        break;
    }
    return null;
  }

  /** A frame that cannot be read ends the socket; a bug or a store that is down does too, and says so. */
  #failed(error: unknown): void {
    if (!(error instanceof FaultError))
      this.#log.error({ err: error }, 'a frame could not be handled');
    this.fail(faultIn(error));
  }

  #stateChanged({ value, context }: SnapshotFrom<typeof sessionMachine>): void {
    const told = this.#told;
    if (told === null || value === 'authenticating' || value === 'closed') return;
    const { run, expiring } = context;
    this.#told = { state: value, run, expiring };
    if (told.state !== value || told.run !== run)
      this.outbox.tell({ type: 'state', state: value, runId: run });
    if (expiring !== told.expiring) this.#tellExpiring(context);
  }

  #tellExpiring({ expiring, now }: SessionContext): void {
    if (expiring !== null)
      this.outbox.tell({ type: 'expiring', inMs: Math.max(0, expiring - now()) });
  }

  #close(fault: FaultCode | null): void {
    if (this.#greeted && fault !== null && FAULTS[fault].close === STORE_DOWN) {
      this.outbox.tell({ type: 'fault', code: fault, message: FAULTS[fault].say });
    }
    hangUp(this.#socket, fault);
  }
}
