/** The part of `Storage` used here; a browser may refuse it (private windows), tests bring a Map. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const PREFIX = 'greenroom:draft:';
const NEW = 'new';

/**
 * The text in the composer, kept per conversation so that a reload, a crash or a refused prompt loses nothing.
 * Written through at every change; a draft is at most as long as a prompt may be, so this stays small.
 */
export class Draft {
  readonly #keep: Keep | null;
  readonly #listeners = new Set<() => void>();
  #key: string;
  #text: string;

  constructor(keep: Keep | null, threadId: string | null) {
    this.#keep = keep;
    this.#key = PREFIX + (threadId ?? NEW);
    this.#text = this.#read();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  text = (): string => this.#text;

  set(text: string): void {
    this.#text = text;
    try {
      if (text === '') this.#keep?.removeItem(this.#key);
      else this.#keep?.setItem(this.#key, text);
    } catch {
      // Storage is full or forbidden: the draft still lives on this page.
    }
    for (const listener of this.#listeners) listener();
  }

  /** Puts a prompt back that was not taken, before whatever was typed since. */
  restore(prompt: string): void {
    if (this.#text.includes(prompt)) return;
    this.set(this.#text.trim() === '' ? prompt : `${prompt}\n\n${this.#text}`);
  }

  /** Another conversation is on screen. */
  open(threadId: string | null): void {
    this.#key = PREFIX + (threadId ?? NEW);
    this.#text = this.#read();
    for (const listener of this.#listeners) listener();
  }

  /** The fresh page got its id: what is typed from now on belongs to it. */
  rename(threadId: string): void {
    const text = this.#text;
    this.set('');
    this.#key = PREFIX + threadId;
    this.set(text);
  }

  /** Forgets the drafts of all conversations, for signing out on a shared machine. */
  clearAll(): void {
    const keep = this.#keep;
    if (!keep) return;
    const keys = Array.from({ length: keep.length }, (_, i) => keep.key(i) ?? '');
    for (const key of keys) if (key.startsWith(PREFIX)) keep.removeItem(key);
  }

  #read(): string {
    try {
      return this.#keep?.getItem(this.#key) ?? '';
    } catch {
      return '';
    }
  }
}
