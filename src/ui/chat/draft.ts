import type { Kept } from './storage.ts';
import { DRAFTS, placeOf } from './unsent.ts';

/**
 * The text in the composer, kept per user and conversation so that a reload, a crash or a refused prompt loses
 * nothing. Written through at every change; a draft is at most as long as a prompt may be, so this stays small.
 * Until it is known whose page this is, nothing is read and nothing kept. A conversation has one draft: what is
 * typed in one tab is seen in all that show it, so that none overwrites what another holds.
 */
export class Draft {
  #kept: Kept | null = null;
  readonly #listeners = new Set<() => void>();
  #name: string;
  #text = '';
  /** By draft: the prompts that came back and stand before all else in it, so that the next goes behind them. */
  readonly #returned = new Map<string, string>();

  constructor(threadId: string | null) {
    this.#name = DRAFTS + placeOf(threadId);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  text = (): string => this.#text;

  /** False: what is typed is lost with the page, for the browser does not take it. */
  isKept = (): boolean => this.#kept?.isKeeping ?? true;

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

  /**
   * A prompt could not be sent: it goes back to where it was written, whatever is on screen now. Several come in
   * the order they were sent in. Returns whether that is the draft on screen.
   */
  returnTo(threadId: string, prompt: string): boolean {
    const name = DRAFTS + placeOf(threadId);
    const isShown = name === this.#name;
    const text = isShown ? this.#text : (this.#kept?.get(name) ?? '');
    if (`\n\n${text}\n\n`.includes(`\n\n${prompt}\n\n`)) return isShown;
    const before = this.#returned.get(name);
    const isBehind = before !== undefined && `${text}\n\n`.startsWith(`${before}\n\n`);
    const head = isBehind ? `${before}\n\n${prompt}` : prompt;
    const rest = isBehind ? text.slice(before.length).trimStart() : text;
    const whole = rest.trim() === '' ? head : `${head}\n\n${rest}`;
    this.#returned.set(name, head);
    if (isShown) this.set(whole);
    else this.#kept?.set(name, whole);
    return isShown;
  }

  /** Another tab has changed what is kept. @param key As the browser's `storage` event names it; null: all of it. */
  heard(key: string | null, value: string | null): void {
    if (this.#kept?.nameIn(key) !== this.#name || value === this.#text) return;
    this.#text = value ?? '';
    for (const listener of this.#listeners) listener();
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
