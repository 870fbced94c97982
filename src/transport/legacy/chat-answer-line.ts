/** Gathers an answer's text, as an outbox writes to it: it is never full, and tells all of it at its end. */
import type { ServerResponse } from 'node:http';
import type { EncodedRow } from '../fanout.ts';
import type { Line } from '../outbox.ts';
import type { AguiEvent, DirectFrame } from '../protocol.ts';
import { type Failure, type Part, partOf, partOfChunk } from './parts.ts';

/** An answer is cut behind so many UTF-16 units; the conversation holds all of it. */
const UNITS_MAX = 1024 * 1024;

export class ChatAnswerLine implements Line {
  readonly #response: ServerResponse;
  readonly #page: string | null;
  readonly #onEnded: (text: string, failure: Failure | null) => void;
  /** By message, in the order they began. */
  readonly #texts = new Map<string, string>();
  #units = 0;

  constructor(
    response: ServerResponse,
    page: string | null,
    onEnded: (text: string, failure: Failure | null) => void,
  ) {
    this.#response = response;
    this.#page = page;
    this.#onEnded = onEnded;
  }

  get isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  get unsentBytes(): number {
    return 0;
  }

  push({ row }: EncodedRow): void {
    this.#gather(partOfChunk(row.chunk, this.#page));
  }

  tell(frame: DirectFrame | AguiEvent): void {
    this.#gather(partOf(frame, this.#page));
  }

  onFlushed(then: () => void): void {
    then();
  }

  onClosed(then: () => void): () => void {
    this.#response.once('close', then);
    return () => this.#response.off('close', then);
  }

  #gather(part: Part | null): void {
    if (part?.type === 'said') this.#say(part.messageId, part.text);
    if (part?.type === 'withdrawn') for (const id of part.messageIds) this.#withdraw(id);
    if (part?.type === 'ended') this.#onEnded([...this.#texts.values()].join(''), part.failure);
  }

  #say(messageId: string, text: string): void {
    const taken = text.slice(0, UNITS_MAX - this.#units);
    this.#texts.set(messageId, (this.#texts.get(messageId) ?? '') + taken);
    this.#units += taken.length;
  }

  #withdraw(messageId: string): void {
    this.#units -= this.#texts.get(messageId)?.length ?? 0;
    this.#texts.delete(messageId);
  }
}
