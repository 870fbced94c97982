/** A store whose operations are timed: the same store, and whoever asked for it is told of each one's end. */
import { HeldElsewhere } from './cluster.ts';

/**
 * @property seconds From the call until it was answered.
 * @property fault What it threw; null: it was answered, if only with who has the conversation.
 */
export interface Operation {
  readonly name: string;
  readonly seconds: number;
  readonly fault: unknown;
}

/** What answers at once, and what only listens, is not told of. */
export function observed<T extends object>(store: T, onOperation: (done: Operation) => void): T {
  const timed = new WeakMap<object, (...args: unknown[]) => unknown>();
  return new Proxy(store, {
    get(target, name) {
      // The store's own fields are private, so its methods are called on itself.
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const known = timed.get(value);
      if (known) return known;
      const method = (...args: unknown[]) => {
        const start = performance.now();
        const answer: unknown = value.apply(target, args);
        return answer instanceof Promise ? followed(answer, String(name), start) : answer;
      };
      timed.set(value, method);
      return method;
    },
  });

  async function followed<R>(answer: Promise<R>, name: string, start: number): Promise<R> {
    const done = (fault: unknown) =>
      onOperation({ name, seconds: (performance.now() - start) / 1_000, fault });
    try {
      const result = await answer;
      done(null);
      return result;
    } catch (error) {
      done(error instanceof HeldElsewhere ? null : error);
      throw error;
    }
  }
}
