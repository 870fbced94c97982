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
  place: () => { threadId: string | null; after: Cursor | null; share?: string };
  receive: (frame: ServerFrame) => void;
  /** Loads the page anew, for another user than the one it was for. */
  startAfresh: () => void;
  random: () => number;
  now: () => number;
}

export interface ConnectionContext extends ConnectionInput {
  /** Whom this page is for; null until the server has said who is signed in. Never changes after. */
  user: string | null;
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
  | { type: 'page.focused' }
  /** Another tab of this browser was let in as `user`. */
  | { type: 'signIn.seen'; user: string }
  /** A user signed out in another tab, and wants nothing of theirs to stay in this browser. */
  | { type: 'signIn.forgotten'; user: string }
  /** The user signs out: the browser is about to leave this page. `forget`: nothing is to stay behind. */
  | { type: 'user.left'; forget: boolean }
  /** The browser had put the page aside, and shows it again. */
  | { type: 'page.restored' }
  | { type: 'user.retried' }
  | { type: 'user.wished'; wish: Wish }
  | { type: 'user.tookBack'; ref: string }
  | { type: 'user.hinted'; frame: ClientFrame }
  | { type: 'thread.changed' };

/** What the connection tells the page. */
export type ConnectionNews =
  | { type: 'wish.refused'; wish: Wish; fault: string }
  /** Whose page this is: said once. */
  | { type: 'user.known'; user: string }
  /** A hello was answered: said each time. */
  | { type: 'user.welcomed'; user: string }
  /** The user signed out here, and nothing of theirs is to stay in this browser: other tabs are to know. */
  | { type: 'user.forgotten'; user: string }
  /** What was written here and not sent is to be forgotten. */
  | { type: 'unsent.disowned' };
