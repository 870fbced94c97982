/** The connection machine's vocabulary: what it is given, keeps and hears. */
import type { ClientFrame, Cursor, RunInput, ServerFrame } from '../transport/protocol.ts';
import type { SocketFact } from './socket.ts';

/** A frame that must arrive: it is sent again after a reconnect until the server has answered it. */
export type Wish = (
  | RunInput
  | { type: 'abort' | 'unpark' | 'sendNow'; runId: string }
  | Extract<ClientFrame, { type: 'choose' }>
) & { ref: string };

export interface ConnectionInput {
  url: string;
  /** The conversation on screen and the last cursor applied; asked at each hello. */
  place: () => { threadId: string | null; after: Cursor | null };
  receive: (frame: ServerFrame) => void;
  goToLogin: () => void;
  random: () => number;
  now: () => number;
  /** Wishes a reload of the page left unanswered. */
  outbox?: readonly Wish[];
}

export interface ConnectionContext extends Omit<ConnectionInput, 'outbox'> {
  /** Oldest first, at most `OUTBOX_MAX`: beyond that a wish is refused at once as `queue.full`. */
  outbox: readonly Wish[];
  /** Tries since the connection last held for `settled`; decides the backoff. */
  tries: number;
  /** Tries in a row that were refused although the sign-in is good. */
  refusals: number;
  /** When the server lets nobody in any more, epoch ms, for the next wait only; null when it has not said so. */
  refusesAt: number | null;
  retryMs: number;
  /** Epoch ms of the next try, for the countdown. */
  retryAt: number;
  why: string | null;
}

export type ConnectionEvent =
  | SocketFact
  | { type: 'socket.silent' }
  | { type: 'network.online' }
  | { type: 'page.visible' }
  | { type: 'user.retried' }
  | { type: 'user.wished'; wish: Wish }
  | { type: 'user.tookBack'; ref: string }
  | { type: 'user.hinted'; frame: ClientFrame }
  | { type: 'thread.changed' };
