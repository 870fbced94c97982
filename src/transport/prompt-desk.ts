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
import { attach } from './attach.ts';
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

  /** The session is over, and what it had not got accepted goes with it: nobody would hear of it. */
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
    const draft = this.#drafts.get(peer.identity.user, runId);
    if (draft) this.#drafts.remove(draft);
    peer.refuse(runId, 'throttled', '', refusal);
  }

  tellParked(runId: string, refusal: Refused): void {
    tellThrottled(runId, refusal, true, this.#served);
  }

  #inTurn(runId: string, work: (draft: Draft, peer: Peer) => Promise<void>): void {
    const peer = this.#served;
    // When its turn comes, another socket may have brought the same one anew: that has its own turn.
    const draft = this.#drafts.get(peer.identity.user, runId);
    if (!draft) return;
    this.#drafts
      .inTurn(draft, () => work.call(this, draft, peer))
      .catch((error) => this.#failed(error, draft, peer));
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
      if (await attach(key, command, connection, this.#drafts, this.#parts)) return;
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

  /** @param before The same prompt, which another socket brought and did not get kept. */
  async #ask(
    key: ConversationKey,
    command: RunCommand,
    connection: Peer,
    before?: Draft,
  ): Promise<void> {
    const { runId, digest } = command;
    // Its session may be over by now: nobody would remove the draft any more.
    if (connection.session.getSnapshot().status !== 'active') return;
    // It stays the client's own, to be sent again to the next server.
    if (this.#parts.conversations.isDraining) return connection.refuse(runId, 'server.restarting');
    // Another socket may have brought the same one while this one asked the store.
    const draft = this.#drafts.get(userOf(key), runId);
    if (draft && (draft.key !== key || draft.command.digest !== digest))
      throw new FaultError('run.idReused');
    if (draft) {
      await connection.viewer.follow(key, runId);
      return void this.#after(draft, connection); // what comes behind it does not wait
    }
    this.#drafts.add(key, command, { owner: this, trace: this.trace.prompt(key, runId) }, before);
    const isElsewhere = this.#parts.parking.in(key) === undefined;
    connection.session.send({ type: 'client.prompt', runId, isElsewhere });
  }

  /** Another socket brings it: this one hears when it is kept, and brings it itself where it is not. */
  async #after(draft: Draft, connection: Peer): Promise<void> {
    const { key, command } = draft;
    try {
      if (await draft.ended.promise) return connection.reply(command.runId, null);
      if (await attach(key, command, connection, this.#drafts, this.#parts)) return;
      await this.#ask(key, command, connection, draft);
    } catch (error) {
      if (isRefusal(error)) connection.refuse(command.runId, error.code);
      else connection.fail(faultIn(error));
    }
  }

  async #askLimits(draft: Draft, peer: Peer): Promise<void> {
    if (!this.#drafts.has(draft)) return;
    const { key, command } = draft;
    const { runId } = command;
    const { store, demand, now, parking } = this.#parts;
    const behind = parking.in(key)?.refusal;
    if (behind) return peer.session.send({ type: 'limits.refused', runId, refusal: behind });
    const taken = await store.take(demand(key, command), now());
    if (!this.#drafts.has(draft)) return this.#letGo(draft);
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
    this.#drafts.remove(draft, true);
    peer.session.send({ type: 'limits.parked', runId });
    if (!peer.viewer.watches(key)) tellThrottled(runId, refusal, true, peer);
    peer.reply(runId, null);
    if (draft.aborted) await parking.takeBack(peer.identity.user, runId);
    return true;
  }

  async #submit(draft: Draft, connection: Peer): Promise<void> {
    const { store, conversations } = this.#parts;
    if (!this.#drafts.has(draft)) return this.#letGo(draft);
    draft.owner = null;
    const { key, command } = draft;
    const { runId } = command;
    const accepted = await this.#accept(draft, connection).catch(async (error: unknown) => {
      await this.#letGo(draft);
      throw error;
    });
    const prompted = accepted === 'accepted' ? conversations.prompt(key, command) : null;
    const fault = (await prompted?.then(draft.trace.handedOn)) ?? null;
    if (accepted === 'accepted' && fault === null) {
      this.#drafts.remove(draft, true);
      if (draft.aborted) await conversations.abort(key, runId);
      else if (draft.hurried) await conversations.sendNow(key, runId);
      return connection.reply(runId, null);
    }
    // It does not run: it costs nothing, and its id stays free before another socket brings it again.
    if (fault !== null) await store.withdraw(key, runId);
    await this.#letGo(draft);
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

  /** What was taken for it goes back; one that came again has its own try, and what was taken is its. */
  async #letGo(draft: Draft): Promise<void> {
    this.#drafts.remove(draft);
    const [user, { runId }] = [userOf(draft.key), draft.command];
    if (!this.#drafts.get(user, runId)) await this.#parts.store.giveBack(user, runId);
  }

  #failed(error: unknown, draft: Draft, connection: Peer): void {
    const { runId } = draft.command;
    this.#drafts.remove(draft);
    if (!isRefusal(error)) return connection.fail(faultIn(error));
    connection.session.send({ type: 'limits.failed', runId });
    connection.refuse(runId, error.code);
  }
}
