/** The session machine's vocabulary: what it hears, keeps and needs done. */
import type { FaultCode } from '../faults.ts';
import type { LimitName } from '../transport/protocol.ts';

/** Who a socket belongs to, and until when; times are epoch ms. */
export interface Identity {
  readonly user: string;
  readonly operator: boolean;
  readonly signInId: string;
  readonly expiresAt: number;
}

export interface Refusal {
  readonly limit: LimitName;
  readonly max: number;
  /** Null where nothing but the operator opens the window. */
  readonly retryAfterMs: number | null;
  readonly resetAt: number | null;
}

/** What the machine needs done. All return at once and none throws. */
export interface SessionPorts {
  /** Asks the limits for this prompt; the answer comes as `limits.granted` or `limits.refused`. */
  askLimits(runId: string): void;
  /** The limits allow it: hand the prompt on. */
  submit(runId: string): void;
  /** Tell the client that the prompt is held back, and whether it is kept. */
  tellThrottled(runId: string, refusal: Refusal, parked: boolean): void;
  /** The parked prompt was taken back. */
  forget(runId: string): void;
}

export interface SessionInput {
  readonly ports: SessionPorts;
  /** Resolves to who it is; rejects with a `FaultError` where nobody may come in. */
  readonly verify: () => Promise<Identity>;
  readonly now: () => number;
}

export interface SessionContext extends SessionInput {
  readonly identity: Identity | null;
  /** The live run of the conversation this socket watches. */
  readonly run: string | null;
  /** Prompts the limits are being asked about; an answer about any other comes too late. */
  readonly counting: readonly string[];
  readonly parked: { readonly runId: string; readonly refusal: Refusal } | null;
  /** The end of the sign-in once it is near, epoch ms; null before. */
  readonly expiring: number | null;
  /** The server drains: the socket closes as soon as no run is live on it. */
  readonly leaving: boolean;
  /** Why it closed. */
  readonly fault: FaultCode | null;
}

export type SessionEvent =
  | { type: 'client.prompt'; runId: string; mayPark: boolean }
  | { type: 'client.unpark'; runId: string }
  | { type: 'client.fault'; fault: FaultCode }
  | { type: 'limits.granted'; runId: string }
  | { type: 'limits.refused'; runId: string; refusal: Refusal; mayPark: boolean }
  /** They could not be asked, and the prompt is refused. */
  | { type: 'limits.failed'; runId: string }
  | { type: 'run.started'; runId: string }
  | { type: 'run.ended'; runId: string }
  /** The socket watches another conversation now. */
  | { type: 'watch.changed'; runId: string | null }
  | { type: 'signIn.extended'; expiresAt: number }
  | { type: 'signIn.revoked' }
  /** It ends soon, unless it is used before. */
  | { type: 'signIn.expiring' }
  | { type: 'signIn.expired' }
  | { type: 'socket.closed' }
  | { type: 'server.draining' }
  | { type: 'server.stopping' };
