/** The few ways statements are run. Prepared once each; all of it synchronous, in the worker thread. */
import type {
  DatabaseSync,
  SQLInputValue,
  SQLOutputValue,
  StatementResultingChanges,
  StatementSync,
} from 'node:sqlite';

export type SqlRow = Record<string, SQLOutputValue>;

export class Sql {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(sql: string, ...values: SQLInputValue[]): StatementResultingChanges {
    return this.#statement(sql).run(...values);
  }

  get(sql: string, ...values: SQLInputValue[]): SqlRow | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): SqlRow[] {
    return this.#statement(sql).all(...values);
  }

  /** Row by row, for what does not fit in memory at once. */
  each(sql: string, ...values: SQLInputValue[]): IterableIterator<SqlRow> {
    return this.#db.prepare(sql).iterate(...values);
  }

  /** A function of one argument that statements can use; the same argument always gives the same. */
  define(name: string, work: (value: SQLOutputValue) => SQLInputValue): void {
    this.#db.function(name, { deterministic: true }, work);
  }

  /** All or nothing. IMMEDIATE: a deferred one that turns to writing may fail with the work half done. */
  transaction<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** A transaction that, and all before it, survives a power loss: FULL syncs the log at its commit. */
  durably<T>(work: () => T): T {
    this.#db.exec('PRAGMA synchronous = FULL');
    try {
      return this.transaction(work);
    } finally {
      this.#db.exec('PRAGMA synchronous = NORMAL');
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
