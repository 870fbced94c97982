/** The real store with its database in memory, in this thread: nothing is kept, and nothing waits for a disk. */
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import type { DatabaseLink } from '../../src/store/sqlite/thread.ts';

export function memoryStore(now: () => number = Date.now): SqliteStore {
  return new SqliteStore(directLink(':memory:', now));
}

/** @param file Closed without a thread to wait for: a test opens it again at once. */
export function directLink(
  file: string,
  now: () => number = Date.now,
  timeZone?: string,
): DatabaseLink {
  const operations = openDatabase(file, now, timeZone);
  return {
    async call<T>(op: keyof typeof operations, ...args: unknown[]): Promise<T> {
      const operation = operations[op] as unknown as (...given: unknown[]) => T | Promise<T>;
      return operation(...structuredClone(args));
    },
    async append(append) {
      const [first = null] = operations.commit([append]);
      while (operations.foldOne());
      return first;
    },
    async close() {
      operations.close();
    },
  };
}
