/** Work that is done one after another where it has the same key, in the order it was asked for. */
export class InTurn<Key> {
  /** Of each key that has work: the last of it. */
  readonly #last = new Map<Key, Promise<unknown>>();

  /** Begins at once where nothing of this key is at work. What fails holds up nothing behind it. */
  do<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const done = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, done);
    const forget = () => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    };
    done.then(forget, forget);
    return done;
  }
}
