/** Who is told what concerns a user: one entry for each socket of theirs. */
import type { DirectFrame } from './protocol.ts';

export type Tell = (frame: DirectFrame) => void;

export class Listeners {
  readonly #of = new Map<string, Set<Tell>>();

  /** Returns the end of it. */
  join(user: string, tell: Tell): () => void {
    const listeners = this.#of.get(user) ?? new Set();
    this.#of.set(user, listeners.add(tell));
    return () => {
      listeners.delete(tell);
      if (listeners.size === 0 && this.#of.get(user) === listeners) this.#of.delete(user);
    };
  }

  get users(): string[] {
    return [...this.#of.keys()];
  }

  has(user: string): boolean {
    return this.#of.has(user);
  }

  tell(user: string, frame: DirectFrame): void {
    for (const tell of this.#of.get(user) ?? []) tell(frame);
  }
}
