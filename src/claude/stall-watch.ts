/**
 * Notices an API that has fallen silent. Only the CLI's own lines tell whether a request is out, and it waits
 * for one without an end of its own: nothing had come after 200 s when measured.
 *
 * What is heard costs a timestamp; there is one timer, and none while no request is out.
 */
import type { ClaudeMessage } from './message.ts';
import type { PumpClock } from './pump.ts';

/** A longer timer fires at once; this one is set again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class StallWatch {
  readonly #stallMs: number;
  readonly #onStall: () => void;
  readonly #clock: PumpClock;
  /** Questions that wait for a person. */
  readonly #asked = new Set<string>();
  /** We do not read, so silence says nothing. */
  #isPaused = false;
  #requestIsOut = false;
  /** The CLI waits so long by itself before it asks the API again. */
  #backoffMs = 0;
  #heardAt = 0;
  #timer: unknown = null;

  /** @param onStall Called once a request, when nothing was heard for `stallMs` while it was out. */
  constructor(stallMs: number, onStall: () => void, clock: PumpClock) {
    this.#stallMs = stallMs;
    this.#onStall = onStall;
    this.#clock = clock;
  }

  /** Something was said, whatever it was. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  note(message: ClaudeMessage): void {
    switch (message.kind) {
      case 'request':
        return message.isOut ? this.#expect(0) : this.rest();
      case 'compacting':
        return message.on ? this.rest() : undefined;
      case 'retry':
        return this.#expect(message.delayMs);
      case 'asks':
        return void this.#asked.add(message.requestId);
      case 'asksNoMore':
        return this.answered(message.requestId);
      case 'result':
        this.#asked.clear();
        return this.rest();
    }
  }

  answered(requestId: string): void {
    this.#asked.delete(requestId);
    this.#expectAnew();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#expectAnew();
  }

  /** No request is out, or none that matters any more. */
  rest(): void {
    this.#requestIsOut = false;
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #expect(backoffMs: number): void {
    this.#requestIsOut = true;
    this.#backoffMs = backoffMs;
    this.#expectAnew();
  }

  /** The silence counts from now. */
  #expectAnew(): void {
    this.heard();
    if (this.#requestIsOut) this.#timer ??= this.#wake(this.#stallMs + this.#backoffMs);
  }

  #wake(ms: number): unknown {
    return this.#clock.setTimeout(() => this.#look(), Math.min(ms, TIMER_MS_MAX));
  }

  #look(): void {
    this.#timer = null;
    // Whoever answers or resumes starts the timer again.
    if (this.#isPaused || this.#asked.size > 0) return;
    const left = this.#heardAt + this.#stallMs + this.#backoffMs - this.#clock.now();
    if (left > 0) this.#timer = this.#wake(left);
    else {
      this.rest();
      this.#onStall();
    }
  }
}
