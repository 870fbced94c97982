/**
 * Joins deltas to a pace people can see, before anything is kept: the first goes at once, then at most one
 * batch a conversation and 16 ms. What leaves is encoded, so the journal, live delivery and replay all hold
 * the same bytes. Bounded by its pace: nothing waits longer than `PACE_MS`.
 * What is no delta is stamped with the time it came: deltas, thousands a second, go without.
 */
import type { AguiEvent } from '../transport/protocol.ts';

/** One frame of a 60 Hz screen: nobody sees a finer grain, and every receiver pays per frame. */
export const PACE_MS = 16;

/** UTF-16 units a delta may have: its JSON stays under 64 KiB even where each unit takes 6 bytes. */
const DELTA_UNITS_MAX = 10_000;

export interface PumpClock {
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

type Delta = Extract<
  AguiEvent,
  { type: 'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT' | 'TOOL_CALL_ARGS' }
>;

export class Pump {
  readonly #out: (chunks: string[]) => void;
  readonly #clock: PumpClock;
  readonly #epochNow: () => number;
  #waiting: AguiEvent[] = [];
  #flushedAt = Number.NEGATIVE_INFINITY;
  #timer: unknown = null;

  /** @param out Takes a batch of encoded events, never empty. */
  constructor(
    out: (chunks: string[]) => void,
    clock: PumpClock,
    epochNow: () => number = Date.now,
  ) {
    this.#out = out;
    this.#clock = clock;
    this.#epochNow = epochNow;
  }

  /** Adds events without sending; call `settle` once the bytes at hand are used up. */
  push(events: readonly AguiEvent[]): void {
    for (const event of events) {
      const last = this.#waiting.at(-1);
      if (
        last &&
        isDelta(last) &&
        isDelta(event) &&
        last.type === event.type &&
        blockOf(last) === blockOf(event)
      ) {
        last.delta += event.delta;
      } else {
        this.#waiting.push(isDelta(event) ? event : { ...event, timestamp: this.#epochNow() });
      }
    }
  }

  /** Sends what waits, now if the pace allows it, else when it does. */
  settle(): void {
    if (this.#waiting.length === 0 || this.#timer !== null) return;
    const rest = this.#flushedAt + PACE_MS - this.#clock.now();
    if (rest <= 0) this.flush();
    else this.#timer = this.#clock.setTimeout(() => this.flush(), rest);
  }

  /** Sends what waits at once: a turn's end and a question do not wait for the pace. */
  flush(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    // What holds no delta costs the next one nothing: a block's start must not hold up its first words.
    if (batch.some(isDelta)) this.#flushedAt = this.#clock.now();
    this.#out(encode(batch));
  }
}

function isDelta(event: AguiEvent): event is Delta {
  return (
    event.type === 'TEXT_MESSAGE_CONTENT' ||
    event.type === 'REASONING_MESSAGE_CONTENT' ||
    event.type === 'TOOL_CALL_ARGS'
  );
}

function blockOf(delta: Delta): string {
  return 'messageId' in delta ? delta.messageId : delta.toolCallId;
}

function encode(events: readonly AguiEvent[]): string[] {
  const chunks: string[] = [];
  for (const event of events) {
    if (isDelta(event) && event.delta.length > DELTA_UNITS_MAX)
      for (const part of split(event)) chunks.push(JSON.stringify(part));
    else chunks.push(JSON.stringify(event));
  }
  return chunks;
}

function* split(event: Delta): IterableIterator<Delta> {
  for (let at = 0; at < event.delta.length; ) {
    const end = pairSafe(event.delta, at + DELTA_UNITS_MAX);
    yield { ...event, delta: event.delta.slice(at, end) };
    at = end;
  }
}

/** `end`, or one less where it would cut a surrogate pair. */
function pairSafe(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1);
  return end < text.length && unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end;
}
