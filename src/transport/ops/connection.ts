/** One WebSocket of an operator, and its session actor: it hears what lives and what happens, and may act on it. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor } from 'xstate';
import { FAULTS, type FaultCode, FaultError, faultIn } from '../../faults.ts';
import type { InspectorHub } from '../../machines/inspection/hub.ts';
import type { Identity } from '../../machines/session.events.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import type { FrameBudget } from '../frame-budget.ts';
import { Inbound } from '../inbound.ts';
import { Outbox } from '../outbox.ts';
import type { Peer } from '../peer.ts';
import { type SessionParts, tie } from '../session.ts';
import type { SessionLog } from '../session-log.ts';
import { Heartbeat, hangUp } from '../socket-life.ts';
import type { Viewer } from '../viewer.ts';
import { WebSocketLine } from '../web-socket-line.ts';
import { decodeOpsFrame } from './decode.ts';
import type { FiguresFeed } from './figures.ts';
import { Following, type FollowingParts } from './following.ts';
import type { OpsAct, OpsClientFrame, OpsServerFrame } from './protocol.ts';
import type { Roster } from './roster.ts';
import { StatelyTelling } from './stately-telling.ts';

/** What operators look into. */
export interface OpsDesk {
  readonly hub: InspectorHub;
  readonly roster: Roster;
  readonly figures: FiguresFeed;
  readonly groupOf: FollowingParts['groupOf'];
  readonly isOperator: (user: string) => boolean;
  /** @returns The name of the capsule that was kept, if any. @throws {FaultError} Why not. */
  readonly perform: (act: OpsAct, by: string) => Promise<string | null>;
  readonly greeting: Omit<Extract<OpsServerFrame, { type: 'ops' }>, 'type' | 'user'>;
}

export interface OpsConnectionParts extends SessionParts {
  readonly socket: WebSocket;
  /** What the WebSocket writes to. */
  readonly wire: Duplex;
  readonly frames: FrameBudget;
  readonly desk: OpsDesk;
}

export class OpsConnection implements Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  /** It watches no conversation. */
  readonly viewer: Viewer;
  readonly greeted = true;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #log: SessionLog;
  readonly #desk: OpsDesk;
  readonly #heartbeat: Heartbeat;
  readonly #following: Following;
  readonly #leave: readonly (() => void)[];

  constructor({ socket, wire, session, identity, log, prompts, ...parts }: OpsConnectionParts) {
    const { desk } = parts;
    this.session = session;
    this.identity = identity;
    this.#socket = socket;
    this.#log = log;
    this.#desk = desk;
    this.#heartbeat = new Heartbeat(socket);
    this.outbox = new Outbox(new WebSocketLine(socket, wire), () => this.fail('client.tooSlow'));
    this.viewer = parts.viewer(this.outbox, this);
    const tell = (frame: OpsServerFrame) => this.outbox.tell(frame);
    new Inbound(socket, parts.frames, {
      decode: decodeOpsFrame,
      alive: () => this.#heartbeat.heard(),
      take: (frame) => this.#take(frame),
      refuse: (_, ref) => this.reply(ref, 'throttled'),
      fail: (error) => this.#failed(error),
    });
    socket.on('error', (error: Error & { code?: string }) =>
      log.debug({ errno: error.code }, 'socket error'),
    );
    const unsentBytes = () => this.outbox.unsentBytes;
    this.#following = new Following({ ...desk, tell, unsentBytes });
    tell({ type: 'ops', user: identity.user, ...desk.greeting });
    const tellWhileAllowed = (frame: OpsServerFrame) => this.#mayLook() && tell(frame);
    this.#leave = [desk.roster.join(tell, unsentBytes), desk.figures.join(tellWhileAllowed)];
    this.closed = tie(this, { prompts, log }, socket, (fault) => this.#close(fault));
    socket.on('close', () => this.#end());
  }

  fail(fault: FaultCode): void {
    this.session.send({ type: 'client.fault', fault });
  }

  end(): void {
    this.session.send({ type: 'socket.closed' });
  }

  reply(ref: string | undefined, fault: FaultCode | null, name: string | null = null): void {
    if (ref === undefined) return;
    const message = fault === null ? {} : { message: FAULTS[fault].say };
    const kept = name === null ? {} : { name };
    this.outbox.tell({ type: 'reply', ref, fault, ...message, ...kept });
  }

  beat(): void {
    if (this.#heartbeat.beat()) this.outbox.tell({ type: 'ping' });
  }

  // Nothing runs here, no prompt can be refused, and that the server drains is among the figures.
  tellState(): void {}
  tellDraining(): void {}
  refuse(): void {}

  async #take(frame: OpsClientFrame): Promise<void> {
    if (this.session.getSnapshot().status !== 'active' || frame.type === 'pong') return;
    if (!this.#mayLook()) return;
    if (frame.type === 'follow') {
      this.#following.follow(frame.actor);
      return this.reply(frame.ref, null);
    }
    if (frame.type === 'stately') {
      const isThere = this.#following.follow(frame.actor, new StatelyTelling(this.#desk.hub));
      return this.reply(frame.ref, isThere ? null : 'actor.unknown');
    }
    const { type: _, ref, ...act } = frame;
    try {
      this.reply(ref, null, await this.#desk.perform(act, this.identity.user));
    } catch (error) {
      // What is refused is told, whatever it would end elsewhere.
      if (!(error instanceof FaultError)) throw error;
      this.reply(ref, error.code);
    }
  }

  /** Who is an operator may have changed since; it is asked at each frame, and once a second. */
  #mayLook(): boolean {
    const may = this.#desk.isOperator(this.identity.user);
    if (!may) this.fail('operator.required');
    return may;
  }

  #failed(error: unknown): void {
    if (!(error instanceof FaultError))
      this.#log.error({ err: error }, 'a frame could not be handled');
    this.fail(faultIn(error));
  }

  #end(): void {
    this.#following.close();
    for (const leave of this.#leave) leave();
  }

  #close(fault: FaultCode | null): void {
    this.#end();
    hangUp(this.#socket, fault);
  }
}
