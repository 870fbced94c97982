import type { Kept } from './storage.ts';
import { DRAFTS, placeOf } from './unsent.ts';

/**
 * The text in the composer, kept per user and conversation so that a reload, a crash or a refused prompt loses
 * nothing. Written through at every change; a draft is at most as long as a prompt may be, so this stays small.
 * Until it is known whose page this is, nothing is read and nothing kept.
 */
export class Draft {
  #kept: Kept | null = null;
  readonly #listeners = new Set<() => void>();
  #name: string;
  #text = '';

  constructor(threadId: string | null) {
    this.#name = DRAFTS + placeOf(threadId);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  text = (): string => this.#text;

  /** Whose it is: what is kept for them comes before what was typed meanwhile. */
  own(kept: Kept): void {
    this.#kept = kept;
    const [before, typed] = [this.#read(), this.#text];
    if (typed !== '') this.set(typed);
    if (before !== '') this.restore(before);
  }

  set(text: string): void {
    this.#text = text;
    this.#kept?.set(this.#name, text === '' ? null : text);
    for (const listener of this.#listeners) listener();
  }

  /** Puts a prompt back that was not taken, before whatever was typed since. */
  restore(prompt: string): void {
    if (`\n\n${this.#text}\n\n`.includes(`\n\n${prompt}\n\n`)) return; // it is back already
    this.set(this.#text.trim() === '' ? prompt : `${prompt}\n\n${this.#text}`);
  }

  /** Another conversation is on screen. */
  open(threadId: string | null): void {
    this.#name = DRAFTS + placeOf(threadId);
    this.#text = this.#read();
    for (const listener of this.#listeners) listener();
  }

  /** The fresh page got its id: what is typed from now on belongs to it. */
  rename(threadId: string): void {
    const text = this.#text;
    this.set('');
    this.#name = DRAFTS + placeOf(threadId);
    this.set(text);
  }

  #read(): string {
    return this.#kept?.get(this.#name) ?? '';
  }
}
