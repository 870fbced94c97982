/**
 * The claude actor: one CLI process as an XState child. Facts go to its parent, a handful a turn; tokens
 * leave by `emit` in paced batches and never pass through a machine. Facts hold ids and counters only:
 * texts are asked for at the desk, and handed out as `claude.asked` and `claude.words`.
 */
import { fromCallback } from 'xstate';
import type { AguiEvent } from '../transport/protocol.ts';
import { within } from '../within.ts';
import { type ChildExit, ClaudeChild, NEVER_STARTED } from './child.ts';
import type { ClaudeCommand, ClaudeEmitted, ClaudeFact, ClaudeInput } from './facts.ts';
import { string } from './json.ts';
import type { ClaudeMessage, PermissionRequest, TurnResult } from './message.ts';
import { Progress } from './progress.ts';
import { Pump } from './pump.ts';
import { StallWatch } from './stall-watch.ts';
import { parseLine } from './stream-json.ts';
import { Translator } from './to-agui.ts';
import { ToClaude } from './to-claude.ts';
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
  readonly #pump: Pump;
  readonly #translator: Translator;
  readonly #watch: StallWatch;
  readonly #cli: ToClaude;
  readonly #progress = new Progress();
  readonly #abandoned = new AbortController();
  /** The process has gone, or will never be. */
  readonly #ended = Promise.withResolvers<void>();
  readonly #readyId: string;
  readonly #titleId: string;
  #child: ClaudeChild | null = null;
  #settleStart: () => void = () => {};
  #endTurn: (() => void) | null = null;
  #ready = false;
  #stopping = false;
  /** The turn is to end, and has not. */
  #interrupting = false;

  constructor(
    input: ClaudeInput,
    report: (fact: ClaudeFact) => void,
    emit: (e: ClaudeEmitted) => void,
  ) {
    this.#input = input;
    this.#report = report;
    this.#emit = emit;
    this.#readyId = input.newUuid();
    this.#titleId = input.newUuid();
    this.#translator = new Translator(input.nextBlockId);
    this.#pump = new Pump((chunks) => emit({ type: 'claude.chunks', chunks }), input.clock);
    this.#cli = new ToClaude((message) => this.#child?.write(message), input.newUuid);
    const stalled = () => report({ type: 'claude.stalled' });
    this.#watch = new StallWatch(input.stallMs, stalled, input.clock);
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
        return this.#interrupt();
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
    const child = new ClaudeChild(this.#input.launch(), (lines) => this.#read(lines));
    this.#child = child;
    this.#report({ type: 'claude.spawned', pid: child.pid ?? null });
    child.exited.then((exit) => this.#exited(exit)).catch((error: unknown) => this.#bug(error));
    this.#cli.initialize(this.#readyId);
  }

  #prompt(runId: string): void {
    this.#interrupting = false;
    this.#cli.prompt(this.#input.desk.promptText(runId));
    const untitled = this.#input.desk.takeUntitled(runId);
    if (untitled) this.#cli.title(untitled, this.#titleId);
  }

  #answer(requestId: string): void {
    this.#cli.answer(requestId, this.#input.desk.takeAnswer(requestId));
    this.#watch.answered(requestId);
  }

  /** The CLI takes an interrupt before the turn has begun for one between turns: it is told again. */
  #interrupt(): void {
    this.#interrupting = true;
    this.#cli.interrupt();
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
      this.#pump.settle();
      this.#reportProgress();
    } catch (error) {
      this.#bug(error);
    }
  }

  #hear(message: ClaudeMessage): void {
    this.#watch.note(message);
    switch (message.kind) {
      case 'delta':
        this.#progress.deltas += 1;
        break;
      case 'init':
        this.#endTurn ??= () => {};
        this.#report({ type: 'claude.turnStarted' });
        if (this.#interrupting) this.#interrupt();
        break;
      case 'request':
        if (this.#interrupting && message.isOut) this.#interrupt();
        return;
      case 'reply':
        return this.#replied(message);
      case 'asks':
        return this.#asked(message.requestId, message.request);
      case 'asksNoMore':
        return this.#report({ type: 'claude.unblocked', requestId: message.requestId });
      case 'result':
        return this.#turnEnded(message);
    }
    this.#pump.push(this.#translator.translate(message));
  }

  #replied({ requestId, ok, response }: Extract<ClaudeMessage, { kind: 'reply' }>): void {
    const title = requestId === this.#titleId ? string(response.title).trim() : '';
    if (title !== '') this.#emit({ type: 'claude.titled', title });
    if (requestId !== this.#readyId || this.#ready) return;
    if (!ok) return this.#child?.kill(); // its exit tells that the start failed
    this.#ready = true;
    this.#settleStart();
    this.#report({ type: 'claude.ready' });
  }

  #asked(requestId: string, request: PermissionRequest): void {
    this.#flush(this.#translator.closeOpen());
    this.#emit({ type: 'claude.asked', requestId, request });
    this.#report({ type: 'claude.blocked', requestId });
  }

  #turnEnded(result: TurnResult): void {
    this.#flush(this.#translator.endTurn());
    const end = verdict(result);
    if (end.how === 'failed' && result.error !== null) this.#emitWords(result.error);
    this.#endTurn?.();
    this.#endTurn = null;
    this.#interrupting = false;
    this.#report({
      type: 'claude.turnEnded',
      ...end,
      usage: result.usage,
      deltas: this.#progress.deltas,
    });
  }

  #emitWords(words: string): void {
    this.#emit({ type: 'claude.words', words: this.#input.redact(words) });
  }

  #flush(last: AguiEvent[]): void {
    this.#pump.push(last);
    this.#pump.flush();
  }

  #reportProgress(): void {
    if (this.#endTurn !== null && this.#progress.isDue(this.#input.clock.now()))
      this.#report({ type: 'claude.progress', deltas: this.#progress.deltas });
  }

  #exited({ code, signal, startError, stderrTail }: ChildExit): void {
    this.#watch.rest();
    this.#settleStart();
    this.#ended.resolve();
    if (this.#abandoned.signal.aborted) return;
    this.#flush(this.#translator.endTurn());
    const words = startError ?? stderrTail.trim().split('\n').at(-1);
    if (words && !this.#stopping) this.#emitWords(words);
    const fault = this.#stopping ? null : this.#ready ? 'claude.crashed' : 'claude.startFailed';
    this.#report({ type: 'claude.exited', fault, code, signal });
  }

  #bug(error: unknown): void {
    this.#input.onBug(error);
    if (this.#child) this.#child.kill();
    else this.#exited(NEVER_STARTED);
  }
}
