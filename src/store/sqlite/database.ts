/** The embedded store, synchronous: what the worker thread runs. One instance owns its file. */
import { DatabaseSync } from 'node:sqlite';
import { JournalTables } from './journal-tables.ts';
import { LimitTable } from './limit-table.ts';
import { RunTable } from './run-table.ts';
import { migrate } from './schema.ts';
import { SignInTable } from './sign-in-table.ts';
import { Sql } from './sql.ts';

export class Database {
  readonly journal: JournalTables;
  readonly runs: RunTable;
  readonly signIns: SignInTable;
  readonly limits: LimitTable;
  readonly #db: DatabaseSync;

  /** @throws When another process holds the file, or a newer version wrote it. */
  constructor(file: string, now: () => number) {
    this.#db = new DatabaseSync(file);
    // Exclusive: a second server on this file fails here, and no memory is shared through the file system.
    this.#db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL',
    );
    migrate(this.#db);
    const sql = new Sql(this.#db);
    this.runs = new RunTable(sql, now);
    this.journal = new JournalTables(sql, this.runs);
    this.signIns = new SignInTable(sql, now);
    this.limits = new LimitTable(sql);
  }

  close(): void {
    this.#db.close();
  }
}
