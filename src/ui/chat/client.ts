import { type Actor, createActor } from 'xstate';
import type { KeptFrame, ResumeEntry, ServerFrame } from '../../transport/protocol.ts';
import { Attachments } from '../compose/attachments.ts';
import { upload } from '../compose/upload.ts';
import type { Wish } from '../connection.events.ts';
import { connectionMachine } from '../connection.machine.ts';
import { Earlier } from '../history/earlier.ts';
import { FlightLog } from '../trust/flight-log.ts';
import type { Chosen } from './chat-view.ts';
import { Draft } from './draft.ts';
import { choicesIn, loadOutbox, runInput, saveOutbox, sendingIn } from './outbox.ts';
import { isParked } from './parked.ts';
import { contentOf, type Prompt, promptOfPending } from './prompt-content.ts';
import { takeRefusal } from './refusal.ts';
import { hashOf, threadOf } from './route.ts';
import { Kept, ownStorage, tabStorage } from './storage.ts';
import { ChatStore } from './store.ts';
import { liveRun, type Run } from './thread.ts';
import { Unsent } from './unsent.ts';
import { listenToWindow, startAfresh } from './window.ts';

/** What is no part of a conversation's journal. */
export type ToldFrame = Exclude<ServerFrame, KeptFrame>;

/**
 * Everything a person can do on the chat page, as methods. Wires the connection machine (what may be sent),
 * the store (what is shown) and the draft (what is typed) to this window, once.
 */
export class ChatClient {
  readonly store: ChatStore;
  readonly draft: Draft;
  readonly attachments: Attachments;
  readonly earlier: Earlier;
  readonly connection: Actor<typeof connectionMachine>;
  readonly flights: FlightLog;
  #unsent: Unsent | null = null;
  readonly #direct = new Set<(frame: ToldFrame) => void>();
  #warmed = false;

  constructor() {
    const threadId = threadOf(location.hash);
    this.store = new ChatStore(threadId, (flush) => requestAnimationFrame(flush), Date.now);
    this.earlier = new Earlier(this.store);
    this.draft = new Draft(threadId);
    this.attachments = new Attachments(upload, threadId);
    this.connection = createActor(connectionMachine, {
      input: {
        url: new URL('ws', document.baseURI.replace(/^http/, 'ws')).href,
        place: this.store.place,
        receive: (frame) => {
          this.store.receive(frame);
          if ('type' in frame) for (const listener of this.#direct) listener(frame);
        },
        startAfresh,
        random: Math.random,
        now: Date.now,
      },
    });
    this.flights = new FlightLog(this.connection, Date.now);
    this.connection.on('wish.refused', ({ wish, fault }) => takeRefusal(this, wish, fault));
    this.connection.on('user.known', ({ user }) => this.#takeUp(user));
    this.connection.on('unsent.disowned', () => this.#unsent?.forget());
    this.connection
      .select(({ context }) => context.outbox)
      .subscribe((now) => this.#unsent && saveOutbox(this.#unsent.tab, now));
    this.connection
      .select((state) => state.matches({ attached: 'live' }))
      .subscribe((isLive) => {
        if (isLive) this.attachments.retryFailed();
        else this.#warmed = false;
      });
  }

  /** Connects, and listens to the window for as long as the page lives. */
  start(): void {
    listenToWindow(this.connection);
    addEventListener('hashchange', () => {
      const threadId = threadOf(location.hash);
      if (threadId !== this.store.view().threadId) this.#open(threadId);
    });
    this.connection.start();
  }

  /** Null until it is known whose page this is. */
  get unsent(): Unsent | null {
    return this.#unsent;
  }

  /** The user signs out. @param forget Whether what is unsent is forgotten. */
  leave(forget: boolean): void {
    this.connection.send({ type: 'user.left', forget });
  }

  /** Sends what is in the composer. False, and nothing changed, while that cannot be. */
  sendDraft(): boolean {
    const text = this.draft.text().trim();
    if (text === '' && this.attachments.view().length === 0) return false;
    const threadId = this.attachments.isSettled ? this.#claim() : null;
    if (threadId === null) return false;
    this.draft.set('');
    this.#send(threadId, { text, images: this.attachments.take() });
    return true;
  }

  /** Opens another conversation, a fork, and says this there. */
  sendIn(threadId: string, prompt: Prompt): void {
    history.pushState(null, '', hashOf(threadId));
    this.#open(threadId);
    this.#send(threadId, prompt);
  }

  /** What this conversation is to be set to; refused or not, every tab of it is told. */
  choose(change: Partial<Chosen>): void {
    if (this.#claim() === null) return;
    this.#wish({ type: 'choose', ...change, ref: `choose-${crypto.randomUUID()}` });
  }

  /** What waits goes now, and what runs is stopped for it. */
  sendNow(runId: string): void {
    this.#wish({ type: 'sendNow', runId, ref: `sendNow-${runId}` });
  }

  /** Answers every interrupt of a run at once. */
  answer(run: Run, resume: ResumeEntry[]): void {
    const { threadId } = this.store.view();
    if (threadId === null) return;
    const runId = crypto.randomUUID();
    this.store.addAnswer(runId, resume);
    this.#wish(runInput({ threadId, runId, parentRunId: run.id, messages: [], resume }));
  }

  /** Stops the live run, if there is one. */
  stop(): boolean {
    const run = liveRun(this.store.view().runs);
    if (run) this.#wish({ type: 'abort', runId: run.id, ref: `abort-${run.id}` });
    return run !== null;
  }

  /** Takes a prompt back that has not started, into the composer. Null: there is none of that id. */
  takeBack(runId: string): Prompt | null {
    const { sending, pending, throttled } = this.store.view();
    const waiting = pending.find((item) => item.runId === runId);
    const prompt =
      sending.find((item) => item.runId === runId) ?? (waiting && promptOfPending(waiting));
    if (!prompt) return null;
    this.connection.send({ type: 'user.tookBack', ref: runId });
    const isHeld = waiting ? isParked(waiting) : throttled?.runId === runId;
    const type = isHeld ? 'unpark' : 'abort';
    this.#wish({ type, runId, ref: `${type}-${runId}` });
    this.store.removeWaiting(runId);
    this.#restore(prompt);
    return prompt;
  }

  /** The composer has the focus: the server may start the process early. Once per connection. */
  warm(): void {
    if (this.#warmed || !this.connection.getSnapshot().matches({ attached: 'live' })) return;
    this.#warmed = true;
    this.connection.send({ type: 'user.hinted', frame: { type: 'warm' } });
  }

  /** Hears the frames that are about more than the conversation on screen. Returns the end of it. */
  listen(listener: (frame: ToldFrame) => void): () => void {
    this.#direct.add(listener);
    return () => this.#direct.delete(listener);
  }

  newChat(): void {
    if (location.hash !== '') history.pushState(null, '', location.pathname);
    this.#open(null);
  }

  retry(): void {
    this.connection.send({ type: 'user.retried' });
  }

  /** What this user left unsent is theirs again, and where they were before they had to sign in. */
  #takeUp(user: string): void {
    const unsent = new Unsent(new Kept(ownStorage(), user), new Kept(tabStorage(), user));
    const wishes = loadOutbox(unsent.tab);
    this.#unsent = unsent;
    this.draft.own(unsent.drafts);
    this.attachments.own(unsent.drafts);
    for (const wish of wishes) this.#wish(wish);
    this.#showSending(wishes);
    saveOutbox(unsent.tab, this.connection.getSnapshot().context.outbox);
    const place = unsent.takePlace();
    if (place !== null && location.hash === '') location.replace(place);
  }

  #open(threadId: string | null): void {
    // What was chosen for the conversation that is left must not be said in the one that is opened.
    const { outbox } = this.connection.getSnapshot().context;
    for (const { ref } of choicesIn(outbox)) this.connection.send({ type: 'user.tookBack', ref });
    this.store.open(threadId);
    this.draft.open(threadId);
    this.attachments.open(threadId);
    this.connection.send({ type: 'thread.changed' });
    this.#showSending(outbox);
  }

  /** The conversation has its id in the address from now on. Null: it has none yet. */
  #claim(): string | null {
    const { threadId } = this.store.view();
    if (threadId === null || threadOf(location.hash) === threadId) return threadId;
    history.replaceState(null, '', hashOf(threadId));
    this.store.claim();
    this.draft.rename(threadId);
    this.attachments.rename(threadId);
    return threadId;
  }

  #send(threadId: string, prompt: Prompt): void {
    const runId = crypto.randomUUID();
    this.store.addSending({ runId, ...prompt });
    const message = { id: `u-${runId}`, role: 'user' as const, content: contentOf(prompt) };
    this.#wish(runInput({ threadId, runId, messages: [message] }));
  }

  #wish(wish: Wish): void {
    this.connection.send({ type: 'user.wished', wish });
  }

  #restore({ text, images }: Prompt): void {
    if (text !== '') this.draft.restore(text);
    this.attachments.restore(images);
  }

  #showSending(outbox: readonly Wish[]): void {
    for (const sending of sendingIn(outbox, this.store.view().threadId))
      this.store.addSending(sending);
  }
}
