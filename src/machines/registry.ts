/**
 * Living root actors by key. An actor that throws takes nothing with it: it leaves the registry, its
 * resources are released, and whoever registered it hears of it.
 *
 * XState leaves the children of a failed actor running, so what an actor owns must hang on the signal it was
 * registered with, or be stopped in `onGone`.
 */
import type { AnyActorRef } from 'xstate';

export class ActorRegistry<T extends { readonly actor: AnyActorRef }> {
  readonly #living = new Map<string, T>();
  readonly #followers = new Set<(entry: T) => void>();

  get size(): number {
    return this.#living.size;
  }

  get(key: string): T | undefined {
    return this.#living.get(key);
  }

  /** Least recently used first. */
  values(): MapIterator<T> {
    return this.#living.values();
  }

  /** How many are of each kind. */
  count(kindOf: (entry: T) => string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const entry of this.#living.values()) {
      const kind = kindOf(entry);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  sum(amountOf: (entry: T) => number): number {
    return [...this.#living.values()].reduce((total, entry) => total + amountOf(entry), 0);
  }

  /** Hears of each before it starts. @returns The end of that. */
  follow(onStart: (entry: T) => void): () => void {
    this.#followers.add(onStart);
    return () => this.#followers.delete(onStart);
  }

  /** Marks as most recently used. */
  touch(key: string): void {
    const entry = this.#living.get(key);
    if (entry === undefined) return;
    this.#living.delete(key);
    this.#living.set(key, entry);
  }

  /**
   * Registers `entry` and starts its actor.
   * @param onGone Called once, with the error when the actor failed and null when it finished.
   */
  start(key: string, entry: T, onGone: (error: unknown) => void): void {
    this.#living.set(key, entry);
    const gone = (error: unknown) => {
      if (this.#living.get(key) === entry) this.#living.delete(key);
      if (error !== null) stopOrphans(entry.actor);
      onGone(error);
    };
    entry.actor.subscribe({
      complete: () => gone(null),
      error: (error: unknown) => gone(error ?? new Error('failed')),
    });
    for (const onStart of this.#followers) onStart(entry);
    entry.actor.start();
  }
}

/** A failed actor does not stop the children it invoked (xstate 5.33); their cleanup must still run. */
function stopOrphans(actor: AnyActorRef): void {
  const { children } = actor.getSnapshot() as {
    children?: Record<string, AnyActorRef | undefined>;
  };
  for (const child of Object.values(children ?? {})) child?.send({ type: 'xstate.stop' });
}
