/** The session machine's vocabulary: what it hears, keeps and needs done. */
import type { FaultCode } from '../faults.ts';
import type { Refused } from '../store/limits.ts';

/** Who a socket belongs to, and until when; times are epoch ms. */
export interface Identity {
  readonly user: string;
  readonly operator: boolean;
  readonly signInId: string;
  readonly expiresAt: number;
}

/** A prompt that waits for a limit, and for which. */
export interface ParkedPrompt {
  readonly runId: string;
  /** Null while the limits are asked: an earlier server parked it. */
  readonly refusal: Refused | null;
}

/** What the machine needs done. All return at once and none throws. */
export interface SessionPorts {
  /**
   * Asks the limits for this prompt; the answer comes as `limits.granted`, `limits.refused`, or `limits.parked`
   * where it is refused and kept.
   */
  askLimits(runId: string): void;
  /** The limits allow it: hand the prompt on. */
  submit(runId: string): void;
  /** Refuse the prompt: nothing of it is kept. */
  refuse(runId: string, refusal: Refused): void;
  /** Tell the client that a prompt waits, and for what. */
  tellParked(runId: string, refusal: Refused): void;
}

export interface SessionInput {
  readonly ports: SessionPorts;
  readonly now: () => number;
}

export interface SessionContext extends SessionInput {
  readonly identity: Identity | null;
  /** The live run of the conversation this socket watches. */
  readonly run: string | null;
  /** Prompts the limits are being asked about; an answer about any other comes too late. */
  readonly counting: readonly string[];
  /** The prompt that is parked in that conversation, whichever socket brought it. */
  readonly parked: ParkedPrompt | null;
  /** The end of the sign-in once it is near, epoch ms; null before. */
  readonly expiring: number | null;
  /** The server drains: the socket closes as soon as no run is live on it. */
  readonly leaving: boolean;
  /** Why it closed. */
  readonly fault: FaultCode | null;
}

export type SessionEvent =
  /** `isElsewhere`: nothing is parked in the conversation that it is for. */
  | { type: 'client.prompt'; runId: string; isElsewhere?: boolean }
  | { type: 'client.fault'; fault: FaultCode }
  | { type: 'limits.granted'; runId: string }
  | { type: 'limits.refused'; runId: string; refusal: Refused }
  /** It is refused for now, and kept. */
  | { type: 'limits.parked'; runId: string }
  /** They could not be asked, and the prompt is refused. */
  | { type: 'limits.failed'; runId: string }
  | { type: 'run.started'; runId: string }
  | { type: 'run.ended'; runId: string }
  /** In the conversation that is watched a prompt waits for a limit; told again when the limit is another. */
  | { type: 'prompt.parked'; runId: string; refusal: Refused }
  /** It was sent, or taken back. */
  | { type: 'prompt.unparked'; runId: string }
  /** The socket watches another conversation now. */
  | { type: 'watch.changed'; runId: string | null; parked: ParkedPrompt | null }
  /** Its sign-in was looked at: it may come in, or why not. */
  | { type: 'signIn.verified'; identity: Identity }
  | { type: 'signIn.refused'; fault: FaultCode }
  | { type: 'signIn.extended'; expiresAt: number }
  | { type: 'signIn.revoked' }
  /** It ends soon, unless it is used before. */
  | { type: 'signIn.expiring' }
  | { type: 'signIn.expired' }
  | { type: 'socket.closed' }
  | { type: 'server.draining' }
  | { type: 'server.stopping' };
