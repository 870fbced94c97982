/**
 * Takes what a socket sends to Claude: prompts, answers to approvals, aborts. A prompt is checked, counted
 * against the limits, kept, and only then handed on; sent twice, it is one run.
 */
import { createHash } from 'node:crypto';
import { FAULTS, type FaultCode, FaultError } from '../faults.ts';
import type { Decision } from '../machines/conversation.ts';
import type { Refusal, SessionPorts } from '../machines/session.machine.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import {
  type ConversationKey,
  conversationKey,
  type LimitRule,
  type RunCommand,
  type Store,
  userOf,
} from '../store/store.ts';
import type { SignIns } from './auth/sign-ins.ts';
import type { Connection } from './connection.ts';
import { decisionsOf, promptOf } from './decode.ts';
import type { RunInput } from './protocol.ts';

export interface PromptDeskParts {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly signIns: SignIns;
  readonly rules: readonly LimitRule[];
  readonly maxPromptBytes: number;
  readonly now: () => number;
}

interface Draft {
  readonly key: ConversationKey;
  readonly command: RunCommand;
  ticket: string | null;
}

export class PromptDesk {
  readonly #parts: PromptDeskParts;
  /** Prompts between their arrival and their acceptance, or their refusal: at most one is parked. */
  readonly #drafts = new Map<string, Draft>();

  constructor(parts: PromptDeskParts) {
    this.#parts = parts;
  }

  /** What the session machine needs done about prompts. */
  ports(connection: () => Connection): SessionPorts {
    const guard = (work: Promise<void>) =>
      void work.catch((error) => this.#failed(error, connection()));
    return {
      askLimits: (runId) => guard(this.#askLimits(runId, connection())),
      submit: (runId) => guard(this.#submit(runId, connection())),
      tellThrottled: (runId, refusal, parked) =>
        this.#tellThrottled(runId, refusal, parked, connection()),
      forget: (runId) => this.#drafts.delete(runId),
    };
  }

  async take(input: RunInput, connection: Connection): Promise<void> {
    const { user, signInId } = connection.identity;
    await this.#parts.signIns.extend(signInId);
    const key = conversationKey(user, input.threadId);
    try {
      const decisions = decisionsOf(input);
      const text = decisions.length > 0 ? '' : promptOf(input, this.#parts.maxPromptBytes);
      const command = { runId: input.runId, digest: digestOf(text, decisions), text };
      if (await this.#attach(key, command, connection)) return;
      if (decisions.length > 0) await this.#answer(key, command, decisions, connection);
      else this.#ask(key, command, connection);
    } catch (error) {
      if (!(error instanceof FaultError) || FAULTS[error.code].close !== null) throw error;
      connection.refuse(input.runId, error.code, error.message);
    }
  }

  async abort(runId: string, connection: Connection): Promise<void> {
    const run = await this.#parts.store.run(connection.identity.user, runId);
    if (run !== null) this.#parts.supervisor.abort(run.key, runId);
  }

  /** Whether this run is known already: the client then follows it, and nothing is run twice. */
  async #attach(
    key: ConversationKey,
    { runId, digest }: RunCommand,
    connection: Connection,
  ): Promise<boolean> {
    const known = await this.#parts.store.run(userOf(key), runId);
    if (known === null && !this.#drafts.has(runId)) return false;
    if (known && (known.key !== key || known.digest !== digest))
      throw new FaultError('run.idReused');
    await connection.viewer.follow(key, runId);
    connection.reply(runId, null);
    return true;
  }

  #ask(key: ConversationKey, command: RunCommand, { session, greeted }: Connection): void {
    this.#drafts.set(command.runId, { key, command, ticket: null });
    session.send({ type: 'client.prompt', runId: command.runId, mayPark: greeted });
  }

  async #answer(
    key: ConversationKey,
    command: RunCommand,
    decisions: Decision[],
    connection: Connection,
  ): Promise<void> {
    const { store, supervisor } = this.#parts;
    await connection.viewer.follow(key, command.runId);
    await store.accept(key, command);
    const fault = supervisor.answer(key, command.runId, decisions);
    if (fault === null) return connection.reply(command.runId, null);
    await store.withdraw(key, command.runId);
    connection.refuse(command.runId, fault);
  }

  async #askLimits(runId: string, { session, identity, greeted }: Connection): Promise<void> {
    const draft = this.#drafts.get(runId);
    if (!draft) return;
    const taken = await this.#parts.store.take(identity.user, this.#parts.rules, this.#parts.now());
    if (taken.ok) {
      draft.ticket = taken.ticket;
      session.send({ type: 'limits.granted', runId });
    } else {
      const { limit, max, retryAfterMs, resetAt } = taken;
      session.send({
        type: 'limits.refused',
        runId,
        refusal: { limit, max, retryAfterMs, resetAt },
        mayPark: greeted,
      });
    }
  }

  async #submit(runId: string, connection: Connection): Promise<void> {
    const { store, supervisor } = this.#parts;
    const draft = this.#drafts.get(runId);
    this.#drafts.delete(runId);
    if (!draft) return;
    const { key, command } = draft;
    await connection.viewer.follow(key, runId);
    const accepted = await store.accept(key, command);
    const fault = accepted === 'accepted' ? await supervisor.prompt(key, command) : null;
    if (accepted === 'accepted' && fault === null) return connection.reply(runId, null);
    // It does not run: it costs nothing, and its id stays free.
    if (draft.ticket !== null) await store.giveBack(connection.identity.user, draft.ticket);
    if (fault !== null) await store.withdraw(key, runId);
    const why: FaultCode | null = fault ?? (accepted === 'conflict' ? 'run.idReused' : null);
    if (why === null) connection.reply(runId, null);
    else connection.refuse(runId, why);
  }

  #tellThrottled(runId: string, refusal: Refusal, parked: boolean, connection: Connection): void {
    const { limit, max, retryAfterMs, resetAt } = refusal;
    if (connection.greeted) {
      connection.outbox.tell({
        type: 'throttled',
        runId,
        limit,
        retryAfterMs,
        remaining: 0,
        max,
        resetAt,
        parked,
      });
    }
    if (parked) return connection.reply(runId, null);
    this.#drafts.delete(runId);
    connection.refuse(runId, 'throttled');
  }

  #failed(error: unknown, connection: Connection): void {
    connection.fail(error instanceof FaultError ? error.code : 'store.unavailable');
  }
}

/** Tells a repeat of a prompt from another prompt under the same run id. */
function digestOf(text: string, decisions: readonly Decision[]): string {
  return createHash('sha256')
    .update(JSON.stringify([text, decisions]))
    .digest('base64url');
}
