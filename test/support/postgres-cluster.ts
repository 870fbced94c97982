/** Nodes that share a database, whose time is the test's to pass; they end with the test. */
import { afterEach } from 'node:test';
import { SimulatedClock } from 'xstate';
import { PostgresCluster } from '../../src/store/postgres/cluster.ts';
import { Database } from '../../src/store/postgres/database.ts';
import type { ConversationKey, Lease } from '../../src/store/store.ts';

export const LEASE_MS = 10_000;

const open = new Set<TestMember>();
afterEach(async () => {
  for (const member of open) await member.end();
});

export class TestMember {
  readonly clock = new SimulatedClock();
  readonly db: Database;
  readonly name: string;
  readonly errors: unknown[] = [];
  cluster!: PostgresCluster;

  private constructor(url: string, name: string) {
    this.name = name;
    this.db = new Database({ url, name, poolMax: 4, timeoutMs: 2_000 });
  }

  static async join(url: string, name: string): Promise<TestMember> {
    const member = new TestMember(url, name);
    open.add(member);
    await member.db.migrate();
    member.cluster = await PostgresCluster.open(member.db, {
      ...{ listenUrl: url, name, leaseMs: LEASE_MS, timeoutMs: 2_000, clock: member.clock },
      onError: (error) => member.errors.push(error),
    });
    return member;
  }

  /** Passes time until it is so: a little with each answer of the database, so that it cannot outrun what is asked. */
  async until(isSo: () => boolean | Promise<boolean>, stepMs = 10): Promise<void> {
    while (!(await isSo())) {
      this.clock.increment(stepMs);
      await this.db.get('SELECT 1').catch(() => {}); // it may have been killed
    }
  }

  /** The database breaks its own connection, as a failing network would. */
  async cutLine(): Promise<void> {
    await this.db.run(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
      `${this.name} listens`,
    );
  }

  /** Its time is over in the database, and it does not know. */
  async expire(): Promise<void> {
    await this.db.run(
      "UPDATE nodes SET expires_at = clock_timestamp() - interval '1 s' WHERE id = $1",
      this.cluster.node,
    );
  }

  /** Makes a conversation that this node owns, as far as the cluster is concerned. */
  async own(key: ConversationKey, term = 1): Promise<Lease> {
    const made = await this.db.get<{ id: number; session_id: string }>(
      `INSERT INTO conversations (key, user_name, session_id, created_at, updated_at)
         VALUES ($1, 'u', gen_random_uuid(), 1, 1)
         ON CONFLICT (key) DO UPDATE SET updated_at = 2 RETURNING id, session_id`,
      key,
    );
    await this.db.run(
      `INSERT INTO places (conversation, term, owner) VALUES ($1, $2, $3)
         ON CONFLICT (conversation) DO UPDATE SET term = $2, owner = $3`,
      ...[made?.id ?? 0, term, this.cluster.node],
    );
    return { key, term, head: null, sessionId: made?.session_id ?? '', fork: null };
  }

  async end(): Promise<void> {
    open.delete(this);
    await this.cluster?.close();
    await this.db.close();
  }
}
