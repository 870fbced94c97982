/**
 * The door: from an upgrade request to a connection, or a refusal before the upgrade. The session actor
 * exists from the request on; its `authenticating` state decides between 101 and 401.
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { createActor } from 'xstate';
import { type FaultCode, FaultError } from '../faults.ts';
import { ActorRegistry } from '../machines/registry.ts';
import type { Identity, SessionContext, SessionEvent } from '../machines/session.events.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { SignInEnds } from '../machines/sign-in-ends.ts';
import type { Log } from '../telemetry/log.ts';
import type { Traces } from '../telemetry/traces.ts';
import { within } from '../within.ts';
import { Admittance, type AdmittanceParts } from './admittance.ts';
import type { SignIns } from './auth/sign-ins.ts';
import { decide } from './decide.ts';
import { Drafts } from './drafts.ts';
import { flat } from './flat.ts';
import { FrameBudget, type FrameRule } from './frame-budget.ts';
import { type OpenPeerPlace, openPeer } from './open-peer.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import { PromptDesk, type PromptDeskParts } from './prompt-desk.ts';
import { refuse } from './refusal.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Session, SessionParts } from './session.ts';
import { SessionLog } from './session-log.ts';
import type { SharedViewerParts } from './shared-viewer.ts';
import { Viewer, type ViewerParts } from './viewer.ts';
import { createWebSocketServer } from './web-socket-server.ts';

/** Every socket is asked for a sign of life this often. */
export const BEAT_MS = 20_000;
/** A client answers a close frame within this, or is cut off. */
const CLOSE_MS = 1_000;

export interface DoorParts
  extends PromptDeskParts,
    ViewerParts,
    AdmittanceParts,
    FrameRule,
    OpenPeerPlace {
  readonly traces: Pick<Traces, 'session'>;
  readonly shares: SharedViewerParts['shares'];
  readonly signIns: SignIns;
  readonly refusals: RefusalLog;
  readonly maxFrameBytes: number;
  readonly publicUrl: URL | null;
  readonly log: Log;
}

export class Door {
  readonly #parts: DoorParts;
  readonly #sessions = new ActorRegistry<Session>();
  readonly #signInEnds: SignInEnds;
  readonly #admittance: Admittance;
  readonly #drafts = new Drafts();
  readonly #server: WebSocketServer;
  readonly #beat: NodeJS.Timeout;
  readonly #viewer = (outbox: Outbox, peer: Peer) => new Viewer(this.#parts, outbox, peer);
  #refusing = false;
  /** Of the sockets there were when no more were let in. */
  #closed: Promise<unknown> = Promise.resolve();

  constructor(parts: DoorParts) {
    this.#parts = parts;
    const sessions = () => this.#sessions.values();
    this.#signInEnds = new SignInEnds({ sessions, now: parts.now });
    this.#admittance = new Admittance(parts, () => this.#sessions.size);
    this.#server = createWebSocketServer(parts.maxFrameBytes);
    this.#beat = setInterval(
      () => this.#eachConnection((connection) => connection.beat()),
      BEAT_MS,
    ).unref();
    parts.store.onRevoked((signInId) => {
      for (const session of [...this.#sessions.values()]) {
        if (session.signInId === signInId) session.actor.send({ type: 'signIn.revoked' });
      }
    });
    parts.store.onExtended((signInId, expiresAt) => this.#extend(signInId, expiresAt));
  }

  /** A use of a sign-in moved its end: every socket of it lives as long. */
  #extend(signInId: string, expiresAt: number): void {
    this.#signInEnds.expect(expiresAt);
    this.#eachConnection(({ session, identity }) => {
      if (identity.signInId === signInId) session.send({ type: 'signIn.extended', expiresAt });
    });
  }

  /** Takes over the raw socket of an upgrade request to the exact path of the WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', destroy);
    const fault = this.#refusing
      ? 'server.restarting'
      : this.#admittance.ofUpgrade(request, socket);
    if (fault !== null) return this.#refuse(request, socket, fault);
    const session = this.#newSession(request);
    const { trace } = session.prompts;
    this.#keep(session, socket);
    this.#whenDecided(session, ({ identity, fault }) => {
      if (identity === null)
        return this.#refuse(request, socket, trace.decided(fault ?? 'auth.required'));
      const refused = this.#admittance.ofIdentity(identity, request, socket);
      if (refused === null) return this.#open(request, socket, head, session, identity);
      session.actor.send({ type: 'client.fault', fault: refused });
      this.#refuse(request, socket, trace.decided(refused));
    });
  }

  /**
   * A session whose client reads the answer to its request instead of a WebSocket, within the same bounds.
   * @throws {FaultError} Why it may not.
   */
  async openStream<Stream extends Peer>(
    request: IncomingMessage,
    response: ServerResponse,
    create: (parts: SessionParts) => Stream,
  ): Promise<Stream> {
    const refused = this.#admittance.ofLine(request, response);
    if (refused !== null) throw new FaultError(refused);
    const session = this.#newSession(request);
    this.#keep(session, response);
    const { identity, fault } = await new Promise<SessionContext>((resolve) =>
      this.#whenDecided(session, resolve),
    );
    const { actor, prompts, log } = session;
    if (identity === null) throw new FaultError(prompts.trace.decided(fault ?? 'auth.required'));
    const crowded = prompts.trace.decided(this.#admittance.ofUser(identity.user, response));
    if (crowded !== null) throw new FaultError(crowded);
    const stream = create({ session: actor, identity, log, prompts, viewer: this.#viewer });
    prompts.peer = stream;
    log.info({ user: identity.user }, 'session opened');
    return stream;
  }

  /** Tells every client that the server is about to go; one that comes later is told when it comes. */
  tellDraining(): void {
    this.#eachConnection((connection) => connection.tellDraining());
  }

  /** Lets no socket in any more; each that is there closes with 1012 once no run is live on it. */
  refuse(): void {
    this.#refusing = true;
    const closed: Promise<void>[] = [];
    this.#eachConnection((connection) => closed.push(connection.closed));
    this.#closed = Promise.all(closed);
    this.#tellSessions({ type: 'server.draining' });
  }

  get isRefusing(): boolean {
    return this.#refusing;
  }

  /** Ends every session with 1012; resolves when their sockets have closed, within `CLOSE_MS`. */
  async close(): Promise<void> {
    if (!this.#refusing) this.refuse();
    clearInterval(this.#beat);
    this.#signInEnds.stop();
    this.#tellSessions({ type: 'server.stopping' });
    await within(this.#closed, CLOSE_MS);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The sessions, for who looks into them. */
  get living(): ActorRegistry<Session> {
    return this.#sessions;
  }

  /** Sessions by the state of their machine. */
  get states(): Record<string, number> {
    return this.#sessions.count(({ actor }) => actor.getSnapshot().value);
  }

  /** What all of them together could not be sent yet. */
  get unsentBytes(): number {
    return this.#sessions.sum(({ prompts }) => prompts.peer?.outbox.unsentBytes ?? 0);
  }

  #refuse(request: IncomingMessage, socket: Duplex, fault: FaultCode): void {
    this.#parts.refusals.note(request, fault);
    refuse(socket, fault, this.#parts.publicUrl?.protocol === 'https:');
  }

  // Closures that live as long as the socket are made in functions that never see the request: one beside it
  // would keep its headers, and the buffer they were read from, for as long.

  #newSession({ url = '', headers }: IncomingMessage): Session {
    const { signIns, now, newUuid, traces, basePath } = this.#parts;
    const { cookie, upgrade, traceparent } = headers;
    const route = url.slice(basePath.length).split('?', 1).join();
    const id = flat(newUuid());
    const log = new SessionLog(this.#parts.log, id);
    const trace = traces.session({ id, route, isWebSocket: upgrade !== undefined, traceparent });
    const prompts = new PromptDesk(this.#parts, this.#drafts, trace);
    const signInId = signIns.idIn(cookie);
    const actor = createActor(sessionMachine, { input: { ports: prompts, now } });
    const since = now();
    return { id, since, log, prompts, actor, signInId };
  }

  #whenDecided(session: Session, then: (context: SessionContext) => void): void {
    decide(session, this.#parts.signIns, this.#signInEnds, then);
  }

  #keep(session: Session, socket: EventEmitter): void {
    socket.on('close', () => session.actor.send({ type: 'socket.closed' }));
    this.#sessions.start(session.id, session, (error) => {
      if (error !== null) session.log.error({ err: error }, 'the session actor failed');
    });
  }

  #open(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    session: Session,
    identity: Identity,
  ): void {
    const { actor, prompts, log } = session;
    prompts.trace.decided(null);
    this.#server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const served = { session: actor, identity, log, prompts, viewer: this.#viewer };
      const frames = new FrameBudget(this.#parts, this.#parts.now);
      const parts = { ...served, socket: webSocket, wire: socket, frames };
      log.info({ user: identity.user }, 'session opened');
      prompts.peer = openPeer(parts, request.url, this.#parts);
    });
  }

  #tellSessions(event: SessionEvent): void {
    for (const { actor } of [...this.#sessions.values()]) actor.send(event);
  }

  #eachConnection(act: (connection: Peer) => void): void {
    for (const { prompts } of [...this.#sessions.values()]) if (prompts.peer) act(prompts.peer);
  }
}

function destroy(this: Duplex): void {
  this.destroy();
}
