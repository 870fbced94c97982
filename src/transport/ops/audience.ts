/** Who is told something again and again: a timer runs while there is anybody, and not a moment longer. */
import type { OpsServerFrame } from './protocol.ts';

export type Tell = (frame: OpsServerFrame) => void;

export interface AudienceParts {
  readonly everyMs: number;
  readonly beat: () => void;
  /** The last has left. */
  readonly onEmpty: () => void;
}

export class Audience {
  readonly #parts: AudienceParts;
  readonly #members = new Set<Tell>();
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: AudienceParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  has(tell: Tell): boolean {
    return this.#members.has(tell);
  }

  tell(frame: OpsServerFrame): void {
    for (const tell of this.#members) tell(frame);
  }

  /** @returns The end of it. */
  join(tell: Tell): () => void {
    this.#members.add(tell);
    this.#timer ??= setInterval(this.#parts.beat, this.#parts.everyMs).unref();
    return () => {
      this.#members.delete(tell);
      if (!this.isEmpty || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.#parts.onEmpty();
    };
  }
}
