/**
 * The claude actor: one CLI process as an XState child. Facts go to its parent, a handful a turn; tokens
 * leave by `emit` in paced batches and never pass through a machine. Facts hold ids and counters only:
 * texts are asked for at the desk, and handed out as `claude.asked` and `claude.words`.
 */
import { fromCallback } from 'xstate';
import { within } from '../within.ts';
import { type ChildExit, ClaudeChild, NEVER_STARTED } from './child.ts';
import { contextFill } from './context-fill.ts';
import type { ClaudeCommand, ClaudeEmitted, ClaudeFact, ClaudeInput } from './facts.ts';
import { string } from './json.ts';
import type { ClaudeMessage, PermissionRequest, TurnResult } from './message.ts';
import { Narrator } from './narrator.ts';
import { Progress } from './progress.ts';
import { StallWatch } from './stall-watch.ts';
import { parseLine } from './stream-json.ts';
import { ToClaude } from './to-claude.ts';
import { usageOf } from './turn-tokens.ts';
import { verdict } from './verdict.ts';

/** A stopped turn says within this time how it ended; it took 7 to 126 ms when measured. */
const LAST_WORDS_MS = 1_000;

export const claudeProcess = fromCallback<ClaudeCommand, ClaudeInput, ClaudeEmitted>(
  ({ input, sendBack, receive, emit }) => {
    const link = new ClaudeLink(input, sendBack, emit);
    receive((command) => link.obey(command));
    link.open();
    return () => link.abandon();
  },
);

class ClaudeLink {
  readonly #input: ClaudeInput;
  readonly #report: (fact: ClaudeFact) => void;
  readonly #emit: (emitted: ClaudeEmitted) => void;
  readonly #narrator: Narrator;
  readonly #progress: Progress;
  readonly #watch: StallWatch;
  readonly #cli: ToClaude;
  readonly #abandoned = new AbortController();
  /** The process has gone, or will never be. */
  readonly #ended = Promise.withResolvers<void>();
  #child: ClaudeChild | null = null;
  #settleStart: () => void = () => {};
  #endTurn: (() => void) | null = null;
  /** Put before the first prompt. */
  #seed: string | null = null;
  #ready = false;
  #stopping = false;

  constructor(
    input: ClaudeInput,
    report: (fact: ClaudeFact) => void,
    emit: (e: ClaudeEmitted) => void,
  ) {
    this.#input = input;
    this.#report = report;
    this.#emit = emit;
    this.#progress = new Progress(() => input.clock.now());
    this.#narrator = new Narrator(input, emit);
    const stalled = () => report({ type: 'claude.stalled' });
    this.#watch = new StallWatch(input.stallMs, stalled, input.clock);
    this.#cli = new ToClaude({
      ...input,
      write: (line) => this.#child?.write(line),
      onError: (error) => this.#bug(error),
    });
  }

  open(): void {
    const start = () => new Promise<void>((settle) => this.#spawn(settle));
    this.#input
      .admit(start, this.#ended.promise, this.#abandoned.signal)
      .catch((error: unknown) => {
        if (!this.#abandoned.signal.aborted) this.#bug(error);
      });
  }

  obey(command: ClaudeCommand): void {
    switch (command.type) {
      case 'claude.prompt':
        return this.#prompt(command.runId);
      case 'claude.answer':
        return this.#answer(command.requestId);
      case 'claude.interrupt':
        return this.#cli.interrupt();
      case 'claude.pause':
        this.#watch.pause();
        return this.#child?.pause();
      case 'claude.resume':
        this.#watch.resume();
        return this.#child?.resume();
      case 'claude.stop':
        return void this.#stop().catch((error: unknown) => this.#bug(error));
    }
  }

  /** The parent has gone: nothing is reported any more, and the process must not outlive it. */
  abandon(): void {
    this.#abandoned.abort();
    if (this.#child) this.#child.kill();
    else this.#ended.resolve();
    this.#settleStart();
  }

  #spawn(settle: () => void): void {
    this.#settleStart = settle;
    if (this.#abandoned.signal.aborted || this.#stopping) return this.#exited(NEVER_STARTED);
    const launch = this.#input.launch();
    this.#seed = launch.seed;
    const child = new ClaudeChild(launch, (lines) => this.#read(lines));
    this.#child = child;
    this.#report({ type: 'claude.spawned', pid: child.pid ?? null });
    child.exited.then((exit) => this.#exited(exit)).catch((error: unknown) => this.#bug(error));
    this.#cli.initialize();
  }

  #prompt(runId: string): void {
    this.#endTurn ??= () => {};
    this.#narrator.reached = this.#cli.prompt(runId, this.#seed);
    this.#seed = null;
  }

  #answer(requestId: string): void {
    this.#cli.answer(requestId);
    this.#watch.answered(requestId);
  }

  async #stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (!this.#child) return this.#exited(NEVER_STARTED);
    if (this.#endTurn) {
      const lastWords = new Promise<void>((resolve) => {
        this.#endTurn = resolve;
      });
      this.#cli.interrupt();
      await within(lastWords, LAST_WORDS_MS);
    }
    await this.#child.stop();
  }

  #read(lines: readonly string[]): void {
    if (this.#abandoned.signal.aborted) return;
    this.#watch.heard();
    try {
      for (const line of lines) this.#hear(parseLine(line));
      if (this.#narrator.settle(this.#endTurn !== null)) this.#report({ type: 'claude.quiet' });
      // Subagents go on between turns, and use tokens.
      const isAtWork = this.#endTurn !== null || this.#narrator.isDelegating;
      if (isAtWork && this.#progress.isDue()) this.#report(this.#progress.fact);
    } catch (error) {
      this.#bug(error);
    }
  }

  #hear(message: ClaudeMessage): void {
    this.#watch.note(message);
    this.#progress.note(message);
    switch (message.kind) {
      case 'init':
        this.#endTurn ??= () => {};
        this.#report({ type: 'claude.turnStarted' });
        this.#cli.interruptAgain();
        break;
      case 'request':
        if (message.isOut) this.#cli.interruptAgain();
        break;
      case 'reply':
        return this.#replied(message);
      case 'asks':
        return this.#asked(message.requestId, message.request);
      case 'asksNoMore':
        return this.#report({ type: 'claude.unblocked', requestId: message.requestId });
      case 'asksUnknown':
        this.#input.onUnknown(message.what);
        return this.#cli.refuse(message.requestId);
      case 'unrecognised':
        return this.#input.onUnknown(message.what);
      case 'result':
        return this.#turnEnded(message);
    }
    this.#narrator.say(message, this.#endTurn !== null);
  }

  #replied({ requestId, ok, response }: Extract<ClaudeMessage, { kind: 'reply' }>): void {
    const title = requestId === this.#cli.titleId ? string(response.title).trim() : '';
    if (title !== '') this.#emit({ type: 'claude.titled', title });
    const fill = requestId === this.#cli.contextId ? contextFill(response) : null;
    if (fill !== null) this.#emit({ type: 'claude.context', fill });
    if (requestId !== this.#cli.readyId || this.#ready) return;
    if (!ok) return this.#child?.kill(); // its exit tells that the start failed
    this.#ready = true;
    this.#settleStart();
    this.#report({ type: 'claude.ready' });
  }

  #asked(requestId: string, request: PermissionRequest): void {
    this.#narrator.pauseForQuestion();
    this.#report(this.#progress.fact);
    this.#emit({ type: 'claude.asked', requestId, request });
    this.#report({ type: 'claude.blocked', requestId });
  }

  #turnEnded(result: TurnResult): void {
    this.#narrator.endTurn();
    const end = verdict(result);
    if (end.how === 'failed' && result.error !== null) this.#emitWords(result.error);
    this.#endTurn?.();
    this.#endTurn = null;
    this.#cli.turnEnded();
    // The process goes on, and with it what its tools left behind; after a stop nobody wants that (R61).
    if (end.how === 'cancelled') void this.#child?.killStrays();
    this.#report({
      type: 'claude.turnEnded',
      ...end,
      usage: usageOf(result, this.#progress.tokens.counts),
      deltas: this.#progress.deltas,
      isDelegating: this.#narrator.isDelegating,
    });
    this.#progress.tokens.reset();
    if (!this.#stopping) this.#cli.askContext();
  }

  #emitWords(words: string): void {
    this.#emit({ type: 'claude.words', words: this.#input.redact(words) });
  }

  #exited({ code, signal, startError, stderrTail }: ChildExit): void {
    this.#watch.rest();
    this.#settleStart();
    this.#ended.resolve();
    if (this.#abandoned.signal.aborted) return;
    this.#narrator.endProcess();
    const words = startError ?? stderrTail.trim().split('\n').at(-1);
    if (words && !this.#stopping) this.#emitWords(words);
    if (this.#endTurn !== null) this.#report(this.#progress.fact);
    const fault = this.#stopping ? null : this.#ready ? 'claude.crashed' : 'claude.startFailed';
    this.#report({ type: 'claude.exited', fault, code, signal });
  }

  #bug(error: unknown): void {
    this.#input.onBug(error);
    if (this.#child) this.#child.kill();
    else this.#exited(NEVER_STARTED);
  }
}
