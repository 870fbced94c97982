/**
 * Tells sessions when their sign-ins end, and two minutes before. One timer for all of them, set to the soonest: with one
 * each, ten thousand idle sockets would keep ten thousand.
 */
import type { Actor, ActorOptions } from 'xstate';
import { EXPIRING_MS, type sessionMachine } from './session.machine.ts';

/** They are looked through at most so often, and so late are they told. */
const APART_MS = 100;
/** So often the clock is looked at: no timer knows that it was set, or that the machine was suspended. */
const LONGEST_MS = 900;

type Clock = NonNullable<ActorOptions<typeof sessionMachine>['clock']>;

const CLOCK: Clock = {
  setTimeout: (then, ms) => setTimeout(then, ms).unref(),
  clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
};

export interface SignInEndsParts {
  readonly sessions: () => Iterable<{ readonly actor: Actor<typeof sessionMachine> }>;
  /** Epoch ms. */
  readonly now: () => number;
  /** Tests pass a simulated one. */
  readonly clock?: Clock;
}

export class SignInEnds {
  readonly #parts: SignInEndsParts;
  readonly #clock: Clock;
  #timer: unknown;
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(parts: SignInEndsParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? CLOCK;
  }

  /** A session's sign-in ends then, as far as is known. */
  expect(expiresAt: number): void {
    const now = this.#parts.now();
    const at = expiresAt - EXPIRING_MS > now ? expiresAt - EXPIRING_MS : expiresAt;
    if (at >= this.#wakesAt) return;
    this.#wakesAt = at;
    this.#wait(Math.max(APART_MS, at - now));
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#look(), Math.min(LONGEST_MS, ms));
  }

  #look(): void {
    const now = this.#parts.now();
    if (now < this.#wakesAt) return this.#wait(this.#wakesAt - now);
    this.#wakesAt = Number.POSITIVE_INFINITY;
    for (const { actor } of this.#parts.sessions()) {
      const { identity, expiring } = actor.getSnapshot().context;
      if (identity === null) continue;
      const left = identity.expiresAt - now;
      if (left <= 0) actor.send({ type: 'signIn.expired' });
      else if (left <= EXPIRING_MS && expiring === null) actor.send({ type: 'signIn.expiring' });
      if (left > 0) this.expect(identity.expiresAt);
    }
  }
}
