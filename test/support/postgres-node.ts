/** A node that shares a database, as far as journals and prompts go; its lease is the test's to end. */
import { Database } from '../../src/store/postgres/database.ts';
import { type Membership, PostgresJournal } from '../../src/store/postgres/journal.ts';
import { NoticeBoard } from '../../src/store/postgres/notices.ts';
import { PostgresPrompts } from '../../src/store/postgres/prompts.ts';
import type { NewRow } from '../../src/store/store.ts';

export class TestNode implements Membership {
  node: string;
  isMember = true;
  until = Number.POSITIVE_INFINITY;
  readonly db: Database;
  readonly journal: PostgresJournal;
  readonly prompts: PostgresPrompts;
  /** Conversations of which other nodes were told that rows were appended. */
  readonly told: string[] = [];
  readonly #lost = new Set<() => void>();

  private constructor(url: string, name: string) {
    this.node = name;
    this.db = new Database({ url, poolMax: 4, timeoutMs: 5_000, name });
    const board = new NoticeBoard(([kind, key]) => {
      if (kind === 'appended') this.told.push(key);
    });
    const parts = { db: this.db, board, now: Date.now, membership: this };
    this.journal = new PostgresJournal(parts);
    this.prompts = new PostgresPrompts({ ...parts, journal: this.journal });
  }

  static async join(url: string, name: string): Promise<TestNode> {
    const node = new TestNode(url, name);
    await node.db.migrate();
    await node.#insert();
    return node;
  }

  deadline(): number {
    return this.until;
  }

  onLost(listener: () => void): () => void {
    this.#lost.add(listener);
    return () => this.#lost.delete(listener);
  }

  /** In the database its time is over, and it does not know. */
  async expire(): Promise<void> {
    await this.db.run(
      "UPDATE nodes SET expires_at = clock_timestamp() - interval '1 s' WHERE id = $1",
      this.node,
    );
  }

  /** It notices, and joins again. */
  async rejoin(name: string): Promise<void> {
    for (const listener of this.#lost) listener();
    this.node = name;
    await this.#insert();
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  async #insert(): Promise<void> {
    await this.db.run(
      "INSERT INTO nodes (id, name, expires_at) VALUES ($1, $1, clock_timestamp() + interval '1 h')",
      this.node,
    );
  }
}

export function said(...chunks: string[]): NewRow[] {
  return chunks.map((chunk) => ({ runId: 'r', chunk: JSON.stringify(chunk) }));
}
