/** One client and its session, whatever line it came on: what prompts, viewers and the door need to know of it. */
import type { Actor } from 'xstate';
import type { FaultCode } from '../faults.ts';
import type { Identity } from '../machines/session.events.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import type { Refused } from '../store/limits.ts';
import type { Outbox } from './outbox.ts';
import type { Viewer } from './viewer.ts';

export interface Peer {
  readonly session: Actor<typeof sessionMachine>;
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly viewer: Viewer;
  /** Whether the client said `hello`: it then understands direct frames. */
  readonly greeted: boolean;
  /** Resolves when its line has closed. */
  readonly closed: Promise<void>;
  /** Ends the session for a reason, which the client is told. */
  fail(fault: FaultCode): void;
  /** Ends the session because there is nothing more to say. */
  end(): void;
  /** The client has caught up with the conversation it watches. */
  tellState(): void;
  /** The server is about to go. */
  tellDraining(): void;
  /** The answer to one client frame, where the client can read one. */
  reply(ref: string | undefined, fault: FaultCode | null): void;
  /** A refusal is not a run: it is told bare, is not kept, and the run id stays free. `refusal`: by which limit. */
  refuse(runId: string, fault: FaultCode, detail?: string, refusal?: Refused): void;
  /** Called on every beat, so that neither side gives up a line that is quiet. */
  beat(): void;
}
