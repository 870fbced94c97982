/**
 * Capsules, when something went wrong and when an operator wants one. A conversation is recorded all its life, as it takes
 * few events; a session from when it is asked for, as there are many.
 */
import { type FaultCode, FaultError } from '../../faults.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Conversation } from '../conversation.ts';
import type { ActorRegistry } from '../registry.ts';
import { type CapsuleHead, capsuleOf } from './capsule.ts';
import type { Living } from './hub.ts';
import { Tape } from './tape.ts';

/** Those whose way there somebody will want to see. */
const KEPT: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'claude.startFailed',
  'claude.startTimeout',
  'claude.crashed',
  'claude.stalled',
  'claude.failed',
  'conversation.failed',
]);
/** By themselves they are kept so far apart: a storm of faults fills no disk and pushes nothing out. */
const APART_MS = 5_000;

export interface RecorderParts {
  readonly conversations: ActorRegistry<Conversation>;
  /** @returns Whether it was kept: an operator may want none. */
  readonly keep: (name: string, text: string) => Promise<boolean>;
  /** Of Greenroom. */
  readonly version: string;
  readonly now: () => number;
  readonly log: Log;
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #sessions = new Map<string, Tape>();
  #keptAt = Number.NEGATIVE_INFINITY;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    parts.conversations.follow((conversation) => this.#watch(conversation));
  }

  isRecorded(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /** From now on, until it ends; what was recorded is kept then. */
  record({ id, actor }: Living): void {
    if (this.#sessions.has(id)) return;
    const tape = new Tape(actor, this.#parts.now);
    this.#sessions.set(id, tape);
    const end = () => {
      this.#sessions.delete(id);
      this.#keepOrLog('session', id, tape, tape.fault ?? 'ended');
    };
    // XState tells the last state of one that finished after that, and what one failed on before.
    actor.subscribe({ complete: () => queueMicrotask(end), error: end });
  }

  /**
   * Keeps what is recorded of an actor. @returns The name of the capsule; null where none are kept.
   * @throws {FaultError} `actor.unrecorded`.
   */
  async keep(id: string): Promise<string | null> {
    const conversation = this.#parts.conversations.values().find((one) => one.id === id);
    if (conversation) return this.#keep('conversation', id, conversation.tape, 'operator');
    const tape = this.#sessions.get(id);
    if (tape === undefined) throw new FaultError('actor.unrecorded');
    return this.#keep('session', id, tape, 'operator');
  }

  #watch(conversation: Conversation): void {
    const { id, tape, actor } = conversation;
    const because = (fault: FaultCode) => {
      const now = this.#parts.now();
      if (!KEPT.has(fault) || now - this.#keptAt < APART_MS) return;
      this.#keptAt = now;
      this.#keepOrLog('conversation', id, tape, fault);
    };
    tape.onFault = because;
    actor.subscribe({ error: () => because('conversation.failed') });
  }

  #keepOrLog(kind: CapsuleHead['kind'], actor: string, tape: Tape, why: string): void {
    this.#keep(kind, actor, tape, why).catch((error: unknown) =>
      this.#parts.log.error({ err: error }, 'a capsule could not be kept'),
    );
  }

  async #keep(
    kind: CapsuleHead['kind'],
    actor: string,
    tape: Tape,
    why: string,
  ): Promise<string | null> {
    const { version, now, keep, log } = this.#parts;
    const at = now();
    const capsule = capsuleOf({ kind, version, actor, at, why }, tape.recorded);
    const time = new Date(at).toISOString().replace(/[:.]/g, '-');
    const name = `${time}_${kind}_${actor.slice(0, 8)}_${why}.json`;
    if (!(await keep(name, `${JSON.stringify(capsule)}\n`))) return null;
    log.info({ capsule: name, why }, 'a capsule was kept');
    return name;
  }
}
