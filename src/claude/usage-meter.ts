/**
 * What API answers used, read from their bytes as they pass. Of a stream only the two kinds of events that carry
 * `usage` are parsed; the deltas between them cost a search for their line ends.
 */

import { later, NO_TOKENS, since, type TokenCounts } from '../tokens.ts';
import { apiTokens } from './api-tokens.ts';

/** Tokens as the API counts them, and the answers that told any. Only ever grows. */
export interface ApiUsage extends TokenCounts {
  readonly answers: number;
}

export const NO_USAGE: ApiUsage = { answers: 0, ...NO_TOKENS };

/** A longer event, or a longer answer that does not stream, is not counted. */
const EVENT_CHARS_MAX = 64 * 1024;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Enough of a line to know whether it names an event that is wanted. */
const NAME_CHARS_MAX = 32;

const WANTED = /^event: ?message_(?:start|delta)\r?$/;
const NEWLINE = 0x0a;

type Count = (growth: ApiUsage) => void;

export interface Meter {
  push(chunk: Buffer): void;
  /** The answer is whole. */
  end(): void;
}

/** @param contentType Of an answer with status 200. Null: nothing in it can be counted. */
export function createMeter(contentType: string, count: Count): Meter | null {
  if (contentType.startsWith('text/event-stream')) return new StreamMeter(count);
  return contentType.startsWith('application/json') ? new AnswerMeter(count) : null;
}

/** Figures in a stream are totals of its answer so far: what they grew by is counted, as soon as it is told. */
class StreamMeter implements Meter {
  readonly #reading: Reading;
  #line = '';
  #charsMax = NAME_CHARS_MAX;

  constructor(count: Count) {
    this.#reading = new Reading(count);
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(NEWLINE, at);
      const stop = end < 0 ? chunk.length : end;
      const room = this.#charsMax - this.#line.length;
      // latin1: the figures are ASCII, and a character cut in two by a chunk's end breaks nothing.
      if (room > 0) this.#line += chunk.toString('latin1', at, Math.min(stop, at + room));
      if (end < 0) return;
      this.#endLine();
      at = end + 1;
    }
  }

  end(): void {}

  #endLine(): void {
    const line = this.#line;
    const isData = this.#charsMax === EVENT_CHARS_MAX && line.startsWith('data:');
    if (isData) this.#reading.take(line.slice('data:'.length));
    this.#charsMax = WANTED.test(line) ? EVENT_CHARS_MAX : NAME_CHARS_MAX;
    this.#line = '';
  }
}

class AnswerMeter implements Meter {
  readonly #reading: Reading;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(count: Count) {
    this.#reading = new Reading(count);
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > ANSWER_BYTES_MAX) this.#parts = [];
    else this.#parts.push(chunk);
  }

  end(): void {
    this.#reading.take(Buffer.concat(this.#parts).toString('utf8'));
  }
}

/** One answer's figures so far. */
class Reading {
  readonly #count: Count;
  #told: TokenCounts | null = null;

  constructor(count: Count) {
    this.#count = count;
  }

  take(json: string): void {
    const usage = usageIn(json);
    if (usage === null) return;
    const before = this.#told ?? NO_TOKENS;
    const now = later(before, apiTokens(usage));
    this.#count({ answers: this.#told === null ? 1 : 0, ...since(now, before) });
    this.#told = now;
  }
}

/** `usage` of a whole answer or a `message_delta`, or `message.usage` of a `message_start`. */
function usageIn(json: string): Record<string, unknown> | null {
  try {
    const value: { usage?: unknown; message?: { usage?: unknown } } = JSON.parse(json);
    const usage = value.usage ?? value.message?.usage;
    return typeof usage === 'object' && usage !== null ? { ...usage } : null;
  } catch {
    return null;
  }
}

export function added(a: ApiUsage, b: ApiUsage): ApiUsage {
  return {
    answers: a.answers + b.answers,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  };
}
