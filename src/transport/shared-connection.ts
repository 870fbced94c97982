/**
 * One WebSocket that watches another user's conversation by a link, and its session actor. It understands `hello`
 * with the link's id and `pong`, and has nothing to do with prompts: all else is refused here, whatever it names.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor, SnapshotFrom } from 'xstate';
import { FAULTS, type FaultCode, FaultError, faultIn } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import { decodeFrame } from './decode.ts';
import type { FrameBudget } from './frame-budget.ts';
import { Inbound } from './inbound.ts';
import { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { ClientFrame, SessionState } from './protocol.ts';
import type { Readiness } from './readiness.ts';
import { type SessionParts, tie } from './session.ts';
import type { SessionLog } from './session-log.ts';
import { SharedViewer, type SharedViewerParts } from './shared-viewer.ts';
import { Heartbeat, hangUp } from './socket-life.ts';
import type { Viewer } from './viewer.ts';
import { WebSocketLine } from './web-socket-line.ts';

export interface SharedConnectionParts extends SessionParts {
  readonly socket: WebSocket;
  /** What the WebSocket writes to. */
  readonly wire: Duplex;
  readonly frames: FrameBudget;
  readonly at: SharedViewerParts;
  readonly draining: Readiness['frame'];
}

export class SharedConnection implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  /** Of this user's own conversations: it never watches one. */
  readonly viewer: Viewer;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #log: SessionLog;
  readonly #shared: SharedViewer;
  readonly #draining: Readiness['frame'];
  #greeted = false;
  readonly #heartbeat: Heartbeat;
  /** The state the client knows; null until it has caught up. */
  #told: { state: SessionState; run: string | null } | null = null;

  constructor({ socket, wire, session, identity, log, prompts, ...parts }: SharedConnectionParts) {
    this.session = session;
    this.identity = identity;
    this.#socket = socket;
    this.#heartbeat = new Heartbeat(socket);
    this.#log = log;
    this.#draining = parts.draining;
    this.outbox = new Outbox(new WebSocketLine(socket, wire), () => this.fail('client.tooSlow'));
    this.viewer = parts.viewer(this.outbox, this);
    this.#shared = new SharedViewer(parts.at, this);
    new Inbound(socket, parts.frames, {
      decode: decodeFrame,
      alive: () => this.#heartbeat.heard(),
      take: (frame) => this.#take(frame),
      refuse: (runId, ref) =>
        runId === null ? this.reply(ref, 'throttled') : this.refuse(runId, 'throttled'),
      fail: (error) => this.#failed(error),
    });
    socket.on('error', (error: Error & { code?: string }) =>
      log.debug({ errno: error.code }, 'socket error'),
    );
    this.closed = tie(
      this,
      { prompts, log },
      socket,
      (fault) => this.#close(fault),
      (snapshot) => this.#stateChanged(snapshot),
    );
    socket.on('close', () => this.#shared.close());
  }

  get greeted(): boolean {
    return this.#greeted;
  }

  fail(fault: FaultCode): void {
    this.session.send({ type: 'client.fault', fault });
  }

  end(): void {
    this.session.send({ type: 'socket.closed' });
  }

  reply(ref: string | undefined, fault: FaultCode | null): void {
    if (ref !== undefined && this.#greeted) this.outbox.tell({ type: 'reply', ref, fault });
  }

  refuse(runId: string, fault: FaultCode): void {
    this.outbox.tell({ type: 'RUN_ERROR', message: FAULTS[fault].say, code: fault });
    this.reply(runId, fault);
  }

  beat(): void {
    if (this.#heartbeat.beat()) this.outbox.tell({ type: 'ping' });
  }

  tellState(): void {
    const { value, context } = this.session.getSnapshot();
    if (value === 'authenticating' || value === 'closed') return;
    this.#told = { state: value, run: context.run };
    this.outbox.tell({ type: 'state', state: value, runId: context.run });
    this.tellDraining();
  }

  tellDraining(): void {
    const draining = this.#draining();
    if (draining !== null && this.#told !== null) this.outbox.tell(draining);
  }

  async #take(frame: ClientFrame): Promise<void> {
    if (this.session.getSnapshot().status !== 'active') return;
    if (!('type' in frame)) return this.refuse(frame.runId, 'share.readOnly');
    if (frame.type === 'pong') return this.reply(frame.ref, null);
    if (frame.type !== 'hello' || frame.share === undefined)
      return this.reply(frame.ref, 'share.readOnly');
    this.#greeted = true;
    this.#told = null;
    await this.#shared.watch(frame.share, frame.after);
    this.reply(frame.ref, null);
  }

  #failed(error: unknown): void {
    if (!(error instanceof FaultError))
      this.#log.error({ err: error }, 'a frame could not be handled');
    this.fail(faultIn(error));
  }

  #stateChanged({ value, context: { run } }: SnapshotFrom<typeof sessionMachine>): void {
    const told = this.#told;
    if (told === null || value === 'authenticating' || value === 'closed') return;
    this.#told = { state: value, run };
    if (told.state !== value || told.run !== run)
      this.outbox.tell({ type: 'state', state: value, runId: run });
  }

  #close(fault: FaultCode | null): void {
    this.#shared.close();
    // By its code, as others close with the same number.
    if (this.#greeted && (fault === 'share.unknown' || fault === 'share.tooMany'))
      this.outbox.tell({ type: 'fault', code: fault, message: FAULTS[fault].say });
    hangUp(this.#socket, fault);
  }
}
