/**
 * A queue for p-queue in which users take turns, each user's own tasks in the order they came. The turn is of
 * the waiting user who was served longest ago, so one who comes new waits for one task of each other at most.
 */
import type { Queue, QueueAddOptions } from 'p-queue';

type Run = () => Promise<unknown>;

/** Users who were served and are remembered for it; one who is forgotten counts as not served yet. */
const SERVED_MAX = 1_000;

export interface FairOptions extends QueueAddOptions {
  readonly user?: string;
  /** It goes before all others; its user was served with it all the same. */
  readonly isUrgent?: boolean;
  /** Hears its place among those that are not urgent, from 1: at once, and at the end of each tick that changed it. */
  readonly onPlace?: (place: number) => void;
}

interface Task {
  readonly run: Run;
  readonly options: FairOptions;
  place: number;
}

export class RoundRobinQueue implements Queue<Run, FairOptions> {
  readonly #urgent: Task[] = [];
  /** No user is here without a task. */
  readonly #lines = new Map<string, Task[]>();
  /** When each was served last, longest ago first. */
  readonly #served = new Map<string, number>();
  #serves = 0;
  #tells = false;

  get size(): number {
    let size = this.#urgent.length;
    for (const line of this.#lines.values()) size += line.length;
    return size;
  }

  enqueue(run: Run, options: FairOptions = {}): void {
    const { user = '', isUrgent = false, onPlace } = options;
    const task = { run, options, place: 0 };
    const line = isUrgent ? this.#urgent : (this.#lines.get(user) ?? []);
    line.push(task);
    if (!isUrgent) this.#lines.set(user, line);
    if (onPlace && !isUrgent) tell(task, this.#placeOfLast(line));
    this.#tellLater();
  }

  dequeue(): Run | undefined {
    const task = this.#urgent[0] ?? this.#lines.get(this.#turns[0] ?? '')?.[0];
    if (task === undefined) return undefined;
    this.#drop(task);
    this.#noteServed(task.options.user ?? '');
    return task.run;
  }

  /** How p-queue takes out a task whose signal aborts. */
  remove(id: string): void {
    for (const line of [this.#urgent, ...this.#lines.values()]) {
      const task = line.find(({ options }) => options.id === id);
      if (task) return this.#drop(task);
    }
  }

  filter(): Run[] {
    return [...this.#urgent, ...this.#order].map(({ run }) => run);
  }

  setPriority(): void {
    throw new Error('turns have no priorities');
  }

  /** The users who wait, in the order of their turns. */
  get #turns(): string[] {
    const since = (user: string) => this.#served.get(user) ?? 0;
    return [...this.#lines.keys()].sort((a, b) => since(a) - since(b));
  }

  /** The tasks that take turns as they will begin, if no other comes. */
  get #order(): Task[] {
    const lines = this.#turns.map((user) => this.#lines.get(user) ?? []);
    const order: Task[] = [];
    for (let round = 0; lines.some((line) => line.length > round); round += 1)
      order.push(...lines.flatMap((line) => line[round] ?? []));
    return order;
  }

  #placeOfLast(own: readonly Task[]): number {
    const lines = this.#turns.map((user) => this.#lines.get(user) ?? []);
    const mine = lines.indexOf(own as Task[]);
    const before = ({ length }: readonly Task[], i: number) =>
      Math.min(length, i <= mine ? own.length : own.length - 1);
    return lines.reduce((sum, line, i) => sum + before(line, i), 0);
  }

  #drop(task: Task): void {
    const { user = '', isUrgent } = task.options;
    const line = isUrgent ? this.#urgent : (this.#lines.get(user) ?? []);
    line.splice(line.indexOf(task), 1);
    if (!isUrgent && line.length === 0) this.#lines.delete(user);
    this.#tellLater();
  }

  #noteServed(user: string): void {
    this.#serves += 1;
    this.#served.delete(user);
    this.#served.set(user, this.#serves);
    const [longestAgo = ''] = this.#served.keys();
    if (this.#served.size > SERVED_MAX) this.#served.delete(longestAgo);
  }

  /** One change moves many, and several come at once: each is told once. */
  #tellLater(): void {
    if (this.#tells) return;
    this.#tells = true;
    setImmediate(() => {
      this.#tells = false;
      for (const [i, task] of this.#order.entries()) tell(task, i + 1);
    });
  }
}

function tell(task: Task, place: number): void {
  if (task.place === place) return;
  task.place = place;
  task.options.onPlace?.(place);
}
