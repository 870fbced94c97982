/** One client's session: its actor, and what serves it. */
import type { EventEmitter } from 'node:events';
import type { Actor, SnapshotFrom } from 'xstate';
import type { FaultCode } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { PromptDesk } from './prompt-desk.ts';
import type { SessionLog } from './session-log.ts';
import type { Viewer } from './viewer.ts';

const ignore = () => {};

export interface Session {
  readonly id: string;
  /** Epoch ms. */
  readonly since: number;
  readonly log: SessionLog;
  readonly prompts: PromptDesk;
  readonly actor: Actor<typeof sessionMachine>;
  /** Which sign-in the request claims: a revocation reaches it before it is verified, too. */
  readonly signInId: string | null;
}

/** What serves a client works with. */
export interface SessionParts {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly log: SessionLog;
  readonly prompts: PromptDesk;
  readonly viewer: (outbox: Outbox, peer: Peer) => Viewer;
}

/**
 * Ties a client's session to its line: the end of one is the end of the other.
 * @param close Ends the line for a reason; null: there is nothing more to say.
 * @param changed Hears of each change of the session. One subscription has all: each is kept for as long as the socket.
 * @returns Resolves when the line has closed.
 */
export function tie(
  { session, viewer }: Pick<Peer, 'session' | 'viewer'>,
  { prompts, log }: Pick<SessionParts, 'prompts' | 'log'>,
  line: EventEmitter,
  close: (fault: FaultCode | null) => void,
  changed: (snapshot: SnapshotFrom<typeof sessionMachine>) => void = ignore,
): Promise<void> {
  const end = (fault: FaultCode | null) => {
    viewer.close();
    prompts.close(); // a client that does not answer the close frame keeps its socket for a while
    log.info({ fault }, 'session closed');
    close(fault);
  };
  session.subscribe({
    next: changed,
    complete: () => end(session.getSnapshot().context.fault),
    error: () => end('server.restarting'),
  });
  return new Promise((resolve) => {
    line.on('close', () => {
      session.send({ type: 'socket.closed' });
      resolve();
    });
  });
}
