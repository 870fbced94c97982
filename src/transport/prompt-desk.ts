/**
 * Takes what a socket sends to Claude: prompts, answers to approvals, aborts. A prompt is checked, counted
 * against the limits, kept, and only then handed on; sent twice, it is one run.
 */
import { type FaultCode, FaultError, faultIn, isRefusal } from '../faults.ts';
import type { Conversations, ParkedPrompts } from '../machines/conversations.ts';
import type { SessionPorts } from '../machines/session.events.ts';
import type { Demand, Refused } from '../store/limits.ts';
import {
  type ConversationKey,
  conversationKey,
  type RunCommand,
  type Store,
  userOf,
} from '../store/store.ts';
import type { SessionTrace } from '../telemetry/traces.ts';
import { answer } from './answer.ts';
import type { SignIns } from './auth/sign-ins.ts';
import { decisionsOf } from './decode.ts';
import type { Draft, Drafts } from './drafts.ts';
import type { Peer } from './peer.ts';
import { commandOf, notAccepted, type PromptBounds, promptOf } from './prompt.ts';
import type { RunInput } from './protocol.ts';
import { sendNow } from './send-now.ts';
import { type CountsThrottled, tellThrottled } from './tell-throttled.ts';

export interface PromptDeskParts extends PromptBounds, CountsThrottled {
  readonly store: Store;
  readonly conversations: Conversations;
  readonly signIns: SignIns;
  readonly parking: ParkedPrompts;
  readonly demand: (key: ConversationKey, command: RunCommand) => Demand;
  readonly now: () => number;
}

const NO_PROMPT = { text: '', images: [] };

export class PromptDesk implements SessionPorts {
  readonly #parts: PromptDeskParts;
  readonly #drafts: Drafts;
  readonly trace: SessionTrace;
  /** Whom it serves; null until they are let in. */
  peer: Peer | null = null;

  constructor(parts: PromptDeskParts, drafts: Drafts, trace: SessionTrace) {
    this.#parts = parts;
    this.#drafts = drafts;
    this.trace = trace;
  }

  /** The socket has gone, and what it had not got accepted with it. */
  close(): void {
    this.#drafts.removeOf(this);
  }

  askLimits(runId: string): void {
    this.#inTurn(runId, this.#askLimits);
  }

  submit(runId: string): void {
    this.#inTurn(runId, this.#submit);
  }

  refuse(runId: string, refusal: Refused): void {
    const peer = this.#served;
    this.#parts.throttled(refusal);
    tellThrottled(runId, refusal, false, peer);
    this.#forget(runId, peer);
    peer.refuse(runId, 'throttled', '', refusal);
  }

  tellParked(runId: string, refusal: Refused): void {
    tellThrottled(runId, refusal, true, this.#served);
  }

  #inTurn(runId: string, work: (runId: string, peer: Peer) => Promise<void>): void {
    const peer = this.#served;
    this.#drafts
      .inTurn(peer.identity.user, runId, () => work.call(this, runId, peer))
      .catch((error) => this.#failed(error, runId, peer));
  }

  get #served(): Peer {
    if (this.peer === null) throw new FaultError('auth.required');
    return this.peer;
  }

  async take(input: RunInput, connection: Peer): Promise<void> {
    const { user, signInId } = connection.identity;
    // It may have ended, and its session not have heard yet.
    if ((await this.#parts.signIns.extend(signInId)) === null) throw new FaultError('auth.expired');
    const key = conversationKey(user, input.threadId);
    try {
      const decisions = decisionsOf(input);
      const prompt = decisions.length > 0 ? NO_PROMPT : promptOf(input, this.#parts);
      const { command, brought } = commandOf(user, input.runId, prompt, decisions);
      if (await this.#attach(key, command, connection)) return;
      if (decisions.length > 0)
        return await answer(key, command, decisions, connection, this.#parts);
      for (const image of brought)
        if (!(await this.#parts.store.putUpload(user, image)))
          throw new FaultError('upload.tooMany');
      await this.#ask(key, command, connection);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      connection.refuse(input.runId, error.code, error.message);
    }
  }

  async abort(runId: string, connection: Peer): Promise<void> {
    const draft = this.#drafts.get(connection.identity.user, runId);
    if (draft) draft.aborted = true;
    if (await this.#parts.parking.takeBack(connection.identity.user, runId)) return;
    const run = await this.#parts.store.run(connection.identity.user, runId);
    if (run !== null) await this.#parts.conversations.abort(run.key, runId);
  }

  /** A prompt that waits for a limit is not wanted any more. Null, or `run.unknown`: it does not wait. */
  async unpark(runId: string, { identity }: Peer): Promise<FaultCode | null> {
    return (await this.#parts.parking.takeBack(identity.user, runId)) ? null : 'run.unknown';
  }

  sendNow(runId: string, { identity }: Peer): Promise<FaultCode | null> {
    return sendNow(identity.user, runId, this.#drafts, this.#parts);
  }

  /** Whether this run is known already: the client then follows it, and nothing is run twice. */
  async #attach(
    key: ConversationKey,
    { runId, digest }: RunCommand,
    connection: Peer,
  ): Promise<boolean> {
    const { store, conversations } = this.#parts;
    const kept = await store.run(userOf(key), runId);
    const draft = this.#drafts.get(userOf(key), runId);
    const known = kept ?? (draft && { key: draft.key, digest: draft.command.digest });
    if (!known) return false;
    if (known.key !== key || known.digest !== digest) throw new FaultError('run.idReused');
    // Kept, and never handed on, because something broke in between: it is handed on now.
    const isPrompt = kept !== null && (kept.text !== '' || kept.images !== undefined);
    if (isPrompt && !kept.started && !kept.parked) await conversations.prompt(key, kept);
    await connection.viewer.follow(key, runId);
    connection.reply(runId, null);
    return true;
  }

  async #ask(key: ConversationKey, command: RunCommand, connection: Peer): Promise<void> {
    const { runId, digest } = command;
    // It stays the client's own, to be sent again to the next server.
    if (this.#parts.conversations.isDraining) return connection.refuse(runId, 'server.restarting');
    // Another socket may have brought the same one while this one asked the store.
    const draft = this.#drafts.get(userOf(key), runId);
    if (draft && (draft.key !== key || draft.command.digest !== digest))
      throw new FaultError('run.idReused');
    if (draft) {
      await connection.viewer.follow(key, runId);
      return connection.reply(runId, null);
    }
    this.#drafts.add(key, command, this, this.trace.prompt(key, runId));
    const isElsewhere = this.#parts.parking.in(key) === undefined;
    connection.session.send({ type: 'client.prompt', runId, isElsewhere });
  }

  async #askLimits(runId: string, peer: Peer): Promise<void> {
    const { user } = peer.identity;
    const draft = this.#drafts.get(user, runId);
    if (!draft) return;
    const { key, command } = draft;
    const { store, demand, now, parking } = this.#parts;
    const behind = parking.in(key)?.refusal;
    if (behind) return peer.session.send({ type: 'limits.refused', runId, refusal: behind });
    const taken = await store.take(demand(key, command), now());
    const wanted = this.#drafts.get(user, runId);
    // One that came again meanwhile has its own try, and what was taken is its.
    if (wanted === undefined && taken.ok) await store.giveBack(user, runId);
    if (wanted !== draft) return;
    // The session is over, and its socket has not closed yet: nobody would hear of it.
    if (peer.session.getSnapshot().status !== 'active') return this.#letGo(draft);
    if (taken.ok) return peer.session.send({ type: 'limits.granted', runId });
    if (await this.#park(draft, taken, peer)) return;
    peer.session.send({ type: 'limits.refused', runId, refusal: taken });
  }

  /** A client that knows what waiting is need not send it again. */
  async #park(draft: Draft, refusal: Refused, peer: Peer): Promise<boolean> {
    const { key, command } = draft;
    const { runId } = command;
    const { parking, throttled } = this.#parts;
    if (!peer.greeted || !(await parking.park(key, command, refusal))) return false;
    throttled(refusal);
    draft.trace.parked();
    this.#drafts.remove(draft);
    peer.session.send({ type: 'limits.parked', runId });
    if (!peer.viewer.watches(key)) tellThrottled(runId, refusal, true, peer);
    peer.reply(runId, null);
    if (draft.aborted) await parking.takeBack(peer.identity.user, runId);
    return true;
  }

  async #submit(runId: string, connection: Peer): Promise<void> {
    const { store, conversations } = this.#parts;
    const draft = this.#drafts.get(connection.identity.user, runId);
    if (!draft) return;
    const { key, command } = draft;
    const accepted = await this.#accept(draft, connection).catch(async (error: unknown) => {
      await this.#letGo(draft);
      throw error;
    });
    const prompted = accepted === 'accepted' ? conversations.prompt(key, command) : null;
    const handedOn = prompted?.then(draft.trace.handedOn);
    const fault = (await handedOn?.finally(() => this.#drafts.remove(draft))) ?? null;
    if (accepted === 'accepted' && fault === null) {
      if (draft.aborted) await conversations.abort(key, runId);
      else if (draft.hurried) await conversations.sendNow(key, runId);
      return connection.reply(runId, null);
    }
    // It does not run: it costs nothing, and its id stays free.
    await this.#letGo(draft);
    if (fault !== null) await store.withdraw(key, runId);
    const why = fault ?? notAccepted(accepted);
    if (why === null) connection.reply(runId, null);
    else connection.refuse(runId, why);
  }

  /** On a full disk it is refused while nothing of it is kept yet: what is accepted runs. */
  async #accept({ key, command }: Draft, { viewer }: Peer) {
    await viewer.follow(key, command.runId);
    await this.#parts.conversations.open(key);
    return this.#parts.store.accept(key, command);
  }

  async #letGo(draft: Draft): Promise<void> {
    this.#drafts.remove(draft);
    await this.#parts.store.giveBack(userOf(draft.key), draft.command.runId);
  }

  #forget(runId: string, connection: Peer): void {
    const draft = this.#drafts.get(connection.identity.user, runId);
    if (draft) this.#drafts.remove(draft);
  }

  #failed(error: unknown, runId: string, connection: Peer): void {
    if (!isRefusal(error)) return connection.fail(faultIn(error));
    this.#forget(runId, connection);
    connection.session.send({ type: 'limits.failed', runId });
    connection.refuse(runId, error.code);
  }
}
