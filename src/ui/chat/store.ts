import type { Cursor, Message, ResumeEntry, ServerFrame } from '../../transport/protocol.ts';
import { faultWords, saidOf } from '../fault-words.ts';
import { words } from '../words/words.ts';
import { settleAsks } from './asks.ts';
import { type ChatView, freshView, type Sending, type Throttled } from './chat-view.ts';
import { fold } from './fold.ts';
import { runsOf } from './history.ts';
import { isParked, toldAnew } from './parked.ts';
import { Seen } from './seen.ts';
import type { Run, Thread } from './thread.ts';

const NOTICES_MAX = 3;

/**
 * The conversation on screen, outside React and outside the machine: thousands of frames a second go in, and
 * at most one notification per `schedule` (an animation frame) comes out.
 */
export class ChatStore {
  readonly #schedule: (flush: () => void) => void;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #thread: Thread = { runs: [] };
  readonly #seen = new Seen();
  #cursor: Cursor | null = null;
  #scheduled = false;
  /** What comes now was said earlier, who knows when. */
  #isReplay = true;
  #view: ChatView;
  /** What `view` returns: changes only together with a notification, as React asks of a store. */
  #shown: ChatView;
  #runsMoved = false;
  /** Answers this page gave, by the id of the run they open: that run says for certain that they counted. */
  readonly #answers = new Map<string, readonly ResumeEntry[]>();
  /** The id the server made up for a fresh page; it exists only from the first prompt on. */
  #blankId: string | null = null;

  constructor(threadId: string | null, schedule: (flush: () => void) => void, now: () => number) {
    this.#schedule = schedule;
    this.#now = now;
    this.#view = this.#shown = freshView(threadId, null);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  view = (): ChatView => this.#shown;

  /** Where a `hello` should go on. A new chat that nobody wrote in has no id the server would know. */
  place = (): { threadId: string | null; after: Cursor | null } => {
    const { threadId } = this.#view;
    return { threadId: this.isBlank() ? null : threadId, after: this.#cursor };
  };

  /** True while nothing was said and nothing asked for by name: a fresh page. */
  isBlank(): boolean {
    const { threadId, sending, pending } = this.#view;
    if (threadId === null) return true;
    return (
      this.#blankId === threadId && this.#thread.runs.length + sending.length + pending.length === 0
    );
  }

  /** Shows another conversation; null: a new one. */
  open(threadId: string | null): void {
    this.#replaceRuns([]);
    this.#blankId = null;
    this.#isReplay = true;
    this.#set(freshView(threadId, this.#view.welcome, this.#view.clockAheadMs));
  }

  receive = (frame: ServerFrame): void => {
    if ('chunk' in frame) return this.#keep(frame.id, frame.chunk);
    switch (frame.type) {
      case 'welcome':
        this.dismiss('expiring'); // said again after each hello, where it is true
        if (this.#view.threadId === null || this.isBlank()) this.#blankId = frame.threadId;
        this.#isReplay = true;
        this.#set({ clockAheadMs: frame.now - this.#now() });
        return this.#set({ welcome: frame, threadId: frame.threadId, pending: [] });
      case 'chosen': {
        const { type: _, ...chosen } = frame;
        return this.#set({ chosen });
      }
      case 'context': {
        const { usedTokens, maxTokens } = frame;
        return this.#set({ context: { usedTokens, maxTokens } });
      }
      case 'state':
        return this.#set({ session: frame.state });
      case 'reset':
        this.#replaceRuns(runsOf(frame.messages));
        this.#forgetSent(frame.messages);
        return this.#set({ before: frame.before });
      case 'caughtUp':
        this.#cursor = frame.head ?? this.#cursor;
        this.dismiss('fault');
        this.dismiss('draining');
        this.dismiss('refused:server.restarting');
        this.#isReplay = false;
        return this.#set({ loaded: true, heardAt: frame.heardAt ?? null });
      case 'pending':
        this.#forgetSending(frame.items.map(({ runId }) => runId));
        if (this.#view.throttled?.parked) this.dismissThrottled(); // what is parked is listed
        return this.#set({ pending: frame.items });
      case 'limits': {
        const { type: _, ...limits } = frame;
        const { welcome } = this.#view;
        return this.#set({ welcome: welcome && { ...welcome, limits } });
      }
      case 'throttled':
        return this.#takeThrottled(frame);
      case 'fault':
        return this.notice('fault', faultWords(frame.code));
      case 'draining':
        return this.notice('draining', words.chat.draining);
      case 'expiring':
        return this.notice('expiring', words.chat.expiring, this.#now() + frame.inMs);
      case 'RUN_ERROR':
        return this.notice(`refused:${frame.code ?? 'unknown'}`, saidOf(frame.code, frame.message));
    }
  };

  /** Earlier messages of the conversation on screen. */
  prepend(messages: readonly Message[], before: Cursor | null): void {
    this.#thread = { runs: [...runsOf(messages), ...this.#thread.runs] };
    this.#runsMoved = true;
    this.#set({ before });
  }

  /** This conversation is wanted by its id from now on, though nobody has said a word in it yet. */
  claim(): void {
    this.#blankId = null;
  }

  addSending(prompt: Sending): void {
    if (this.#view.throttled?.parked === false) this.dismissThrottled(); // it is tried again
    this.#set({ sending: [...this.#view.sending, prompt] });
  }

  /** An answer to an approval is on its way. */
  addAnswer(runId: string, resume: readonly ResumeEntry[]): void {
    this.#answers.set(runId, resume);
  }

  /** These questions are decided, whatever the journal says of them. */
  settle(resume: readonly ResumeEntry[]): void {
    const named = new Set(resume.map(({ interruptId }) => interruptId));
    settleAsks(this.#thread, ({ id }) => named.has(id), resume);
    this.#runsMoved = true;
    this.#set({});
  }

  removeSending(runId: string): void {
    this.#forgetSending([runId]);
  }

  /** It was taken back: gone at once, though the server has yet to say so. */
  removeWaiting(runId: string): void {
    this.#forgetSending([runId]);
    if (this.#view.throttled?.runId === runId) this.dismissThrottled();
    this.#set({ pending: this.#view.pending.filter((item) => item.runId !== runId) });
  }

  /** Shows a notice, in place of an earlier one with the same key. */
  notice(key: string, text: string, until: number | null = null): void {
    // The card with the countdown says it better.
    if (key === 'refused:throttled' && (this.#view.throttled || this.#isParking())) return;
    const others = this.#view.notices.filter((notice) => notice.key !== key);
    this.#set({ notices: [...others, { key, text, until }].slice(-NOTICES_MAX) });
  }

  hasNotice(key: string): boolean {
    return this.#view.notices.some((notice) => notice.key === key);
  }

  dismiss(key: string): void {
    if (!this.#view.notices.some((notice) => notice.key === key)) return;
    this.#set({ notices: this.#view.notices.filter((notice) => notice.key !== key) });
  }

  dismissThrottled(): void {
    this.#set({ throttled: null });
  }

  #keep(id: Cursor, event: Parameters<typeof fold>[1]): void {
    if (!this.#seen.note(id)) return;
    this.#cursor = id;
    const at = this.#now() + this.#view.clockAheadMs;
    fold(this.#thread, event, at);
    this.#runsMoved = true;
    if (event.type === 'RUN_STARTED') {
      this.#forgetSending([event.runId]);
      if (this.#view.throttled?.runId === event.runId) this.dismissThrottled();
      const answer = this.#answers.get(event.runId);
      if (answer) this.settle(answer);
      this.#answers.delete(event.runId);
    }
    this.#set(this.#isReplay ? {} : { heardAt: at });
  }

  #replaceRuns(runs: Run[]): void {
    this.#thread = { runs };
    this.#runsMoved = true;
    this.#seen.clear();
    this.#cursor = null;
  }

  #takeThrottled(frame: Throttled): void {
    const { pending } = this.#view;
    if (pending.some((item) => isParked(item) && item.runId === frame.runId))
      return this.#set({ pending: toldAnew(pending, frame) });
    // The one that is kept stays in sight; this one is back in the composer.
    if (!frame.parked && this.#isParking())
      return this.notice('behindParked', words.chat.behindParked);
    this.#set({ throttled: frame });
  }

  #isParking(): boolean {
    const { pending, throttled } = this.#view;
    return throttled?.parked === true || pending.some(isParked);
  }

  /** A prompt that ran while this page was away comes back in the snapshot. */
  #forgetSent(messages: readonly Message[]): void {
    this.#forgetSending(messages.map(({ metadata }) => String(metadata?.runId)));
  }

  #forgetSending(runIds: readonly string[]): void {
    const { sending } = this.#view;
    if (sending.some(({ runId }) => runIds.includes(runId)))
      this.#set({ sending: sending.filter(({ runId }) => !runIds.includes(runId)) });
  }

  #set(change: Partial<ChatView>): void {
    this.#view = { ...this.#view, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      if (this.#runsMoved) this.#view = { ...this.#view, runs: [...this.#thread.runs] };
      this.#runsMoved = false;
      this.#shown = this.#view;
      for (const listener of this.#listeners) listener();
    });
  }
}
