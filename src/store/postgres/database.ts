/**
 * The way to PostgreSQL: a pool of connections, transactions, and what its errors mean. Nothing here keeps
 * anything in a session unless it is told that it may, so a pooler that hands out connections per transaction may stand
 * between; where none does, what comes often is prepared: see `often.ts`.
 */
import pg from 'pg';
import { type FaultCode, FaultError } from '../../faults.ts';
import { nameOf } from './often.ts';
import { migrate } from './schema.ts';

/** A whole number that JavaScript holds exactly; none of ours is larger. */
const INT8 = 20;
pg.types.setTypeParser(INT8, Number);

export interface DatabaseSettings {
  /** `postgres://USER:PASSWORD@HOST:PORT/NAME?…`, as libpq takes it. */
  readonly url: string;
  /** Connections at most. */
  readonly poolMax: number;
  /** A statement that takes longer is given up, and so is waiting for a connection; ms. */
  readonly timeoutMs: number;
  /** A connection stays one, so that statements may be prepared on it. */
  readonly prepares?: boolean;
  /** What it calls itself in `pg_stat_activity`. */
  readonly name: string;
}

export type SqlValue = string | number | boolean | null | Uint8Array | readonly unknown[];
export type SqlRow = Record<string, unknown>;

/** One connection, in a transaction or not. */
export interface Sql {
  all<T extends object = SqlRow>(sql: string, ...values: SqlValue[]): Promise<T[]>;
  get<T extends object = SqlRow>(sql: string, ...values: SqlValue[]): Promise<T | undefined>;
  /** Returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): Promise<number>;
}

/** `REPEATABLE READ`: all its statements see what was committed before the first. */
export type TransactionMode = 'READ COMMITTED' | 'REPEATABLE READ, READ ONLY' | 'SERIALIZABLE';

type Queryable = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>;

class Statements implements Sql {
  protected readonly queryable: Queryable;
  protected readonly prepares: boolean;

  constructor(queryable: Queryable, prepares: boolean) {
    this.queryable = queryable;
    this.prepares = prepares;
  }

  async all<T extends object = SqlRow>(sql: string, ...values: SqlValue[]): Promise<T[]> {
    return (await this.query(sql, values)).rows as T[];
  }

  async get<T extends object = SqlRow>(sql: string, ...values: SqlValue[]): Promise<T | undefined> {
    return (await this.query(sql, values)).rows[0] as T | undefined;
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.query(sql, values)).rowCount ?? 0;
  }

  protected query(text: string, values: readonly SqlValue[]): Promise<pg.QueryResult> {
    const name = this.prepares ? nameOf(text) : undefined;
    return this.queryable.query({ text, values: values.map(asParameter), ...(name && { name }) });
  }
}

/** One connection of the pool; a conflict is told as it is, so that its transaction is tried again. */
class Connection extends Statements {
  protected override async query(
    sql: string,
    values: readonly SqlValue[],
  ): Promise<pg.QueryResult> {
    try {
      return await super.query(sql, values);
    } catch (error) {
      throw isConflict(error) ? error : asFault(error);
    }
  }
}

export class Database extends Statements {
  readonly #pool: pg.Pool;

  constructor({ url, poolMax, timeoutMs, name, prepares = false }: DatabaseSettings) {
    const pool = new pg.Pool({
      connectionString: url,
      max: poolMax,
      application_name: name,
      connectionTimeoutMillis: timeoutMs,
      // The client's own: a server that hangs would not keep to one that it is told.
      query_timeout: timeoutMs,
      keepAlive: true,
    });
    super(pool, prepares);
    this.#pool = pool;
    pool.on('error', ignore); // an idle connection broke: the next query takes another
    pool.on('connect', (client) => client.on('error', ignore));
  }

  /** Makes the tables, or brings them to this version; waits for another server that does. */
  migrate(): Promise<void> {
    return this.transaction(migrate);
  }

  /**
   * Runs `work` in a transaction, READ COMMITTED unless said otherwise: what it must not lose to another, it locks.
   * What was broken off by a deadlock or a conflict is tried again from the start, so `work` does nothing else.
   */
  async transaction<T>(
    work: (sql: Sql) => Promise<T>,
    mode: TransactionMode = 'READ COMMITTED',
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#with(async (sql) => {
          await sql.run(`BEGIN ISOLATION LEVEL ${mode}; ${NOT_HELD}`);
          const result = await work(sql);
          await sql.run('COMMIT');
          return result;
        });
      } catch (error) {
        if (!isConflict(error) || tries === CONFLICT_TRIES) throw error;
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  protected override async query(
    sql: string,
    values: readonly SqlValue[],
  ): Promise<pg.QueryResult> {
    try {
      return await super.query(sql, values);
    } catch (error) {
      throw asFault(error);
    }
  }

  /**
   * A connection whose transaction did not end is closed: nobody could say what state it is in. What `work` throws by
   * itself is a bug, and thrown as it is: were it taken for the database's, it would be tried again.
   */
  async #with<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw asFault(error);
    }
    let isUsable = false;
    try {
      const result = await work(new Connection(client, this.prepares));
      isUsable = true;
      return result;
    } finally {
      client.release(!isUsable);
    }
  }
}

const CONFLICT_TRIES = 5;

/** Of a server that freezes in the middle, the locks are let go before its lease ends, or soon after a short one. */
const NOT_HELD = 'SET LOCAL idle_in_transaction_session_timeout = 2000';

/**
 * The pool listens to idle connections only; one that breaks in use fails the next statement. From its very start, as
 * the server's goodbye may come in one packet with its welcome, before anybody who awaits a connection has it.
 */
function ignore(): void {}

function asParameter(value: SqlValue): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? '');
}

/** Serialization failure, deadlock. */
function isConflict(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error));
}

/** Classes of SQLSTATE that are mistakes of ours: syntax, data, constraints. They are told as they are. */
const OURS = /^(22|23|42)/;

function asFault(error: unknown): unknown {
  if (error instanceof FaultError || OURS.test(codeOf(error))) return error;
  return Object.assign(new FaultError(faultOf(error)), { cause: error });
}

/** `53100`: the disk is full. All else that goes wrong on the way is that it cannot be reached. */
export function faultOf(error: unknown): FaultCode {
  return codeOf(error) === '53100' ? 'store.full' : 'store.unavailable';
}

/** For columns named `…_json`. */
export function asJson(text: string): string {
  return JSON.stringify(text);
}

export function fromJson(value: unknown): string {
  return JSON.parse(String(value)) as string;
}
