/** A store whose calls a test can hold back, fail or watch, one method at a time. */

import type { Store } from '../../src/store/store.ts';
import { memoryStore } from './memory-store.ts';

type Method = Exclude<
  keyof Store,
  'tail' | 'onRevoked' | 'onExtended' | 'onChanged' | 'onCharged' | 'rememberedSignIn'
>;

export interface HeldStore {
  readonly store: Store;
  /**
   * From now on, answers of this method wait until `release`. With `at: 'call'`, the work itself waits; the
   * default is a slow answer to work that is done.
   */
  hold(method: Method, at?: 'call' | 'answer'): Held;
  /** The next calls of this method reject, with this or with an error of the test's. */
  fail(method: Method, times?: number, error?: Error): void;
  /** The next calls of this method answer this instead. */
  answer<T>(method: Method, value: T): void;
  /** Subscriptions to journals that nobody has ended. */
  readonly tails: number;
  readonly calls: Method[];
  /** Resolves once this method was called so often. */
  called(method: Method, times: number): Promise<void>;
}

export interface Held {
  /** Resolves once so many calls wait. */
  waiting(count?: number): Promise<void>;
  release(): void;
}

export function heldStore(): HeldStore {
  const target = memoryStore();
  const gates = new Map<Method, { at: 'call' | 'answer'; gate: Gate }>();
  const failures = new Map<Method, { left: number; error: Error }>();
  const answers = new Map<Method, unknown[]>();
  const calls: Method[] = [];
  const looks = new Set<() => void>();
  let tails = 0;

  const call = async (method: Method, args: unknown[]) => {
    calls.push(method);
    for (const look of [...looks]) look();
    const failure = failures.get(method);
    if (failure && failure.left > 0) {
      failure.left -= 1;
      throw failure.error;
    }
    const held = gates.get(method);
    if (held?.at === 'call') await held.gate.pass();
    const canned = answers.get(method)?.shift();
    const work = target[method] as unknown as (...given: unknown[]) => Promise<unknown>;
    const result = canned ?? (await work.call(target, ...args));
    // A store over a wire answers with a copy of what was so when it looked.
    const copy = structuredClone(result);
    if (held?.at === 'answer') await held.gate.pass();
    return copy;
  };

  const store = new Proxy(target, {
    get(_, name) {
      if (name === 'tail') {
        return (...args: Parameters<Store['tail']>) => {
          const end = target.tail(...args);
          tails += 1;
          let ended = false;
          return () => {
            if (!ended) tails -= 1;
            ended = true;
            end();
          };
        };
      }
      if (name === 'then') return undefined; // it may be awaited
      if (name === 'cluster') return target.cluster;
      if (name === 'rememberedSignIn') return () => null; // what is asked for can be held
      if (name === 'onRevoked') return target.onRevoked.bind(target);
      if (name === 'onExtended') return target.onExtended.bind(target);
      if (name === 'onCharged') return target.onCharged.bind(target);
      if (name === 'onChanged') return target.onChanged.bind(target);
      return (...args: unknown[]) => call(name as Method, args);
    },
  }) as Store;

  return {
    store,
    calls,
    called: (method, times) =>
      new Promise((resolve) => {
        const look = () => {
          if (calls.filter((call) => call === method).length < times) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    get tails() {
      return tails;
    },
    hold(method, at = 'answer') {
      const gate = new Gate();
      gates.set(method, { at, gate });
      return {
        waiting: (count = 1) => gate.waiting(count),
        release() {
          gates.delete(method);
          gate.open();
        },
      };
    },
    fail(method, times = 1, error = new Error(`${method} failed, as the test wanted`)) {
      failures.set(method, { left: times, error });
    },
    answer(method, value) {
      answers.set(method, [...(answers.get(method) ?? []), value]);
    },
  };
}

class Gate {
  readonly #opened = Promise.withResolvers<void>();
  #count = 0;
  #watching: { count: number; tell: () => void }[] = [];

  async pass(): Promise<void> {
    this.#count += 1;
    for (const { count, tell } of this.#watching) if (this.#count >= count) tell();
    await this.#opened.promise;
  }

  waiting(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((tell) => this.#watching.push({ count, tell }));
  }

  open(): void {
    this.#opened.resolve();
  }
}

/** Lets everything that is ready to run do so: promises, then I/O, several rounds of each. */
export async function settle(rounds = 20): Promise<void> {
  for (let i = 0; i < rounds; i++) await new Promise((resolve) => setImmediate(resolve));
}
