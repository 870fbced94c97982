/** Three servers, the PostgreSQL they share, and the Caddy in front of them, all of them real. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EDGE_SECRET, type Edge, freePort, startCaddy } from '../caddy.ts';
import { Postgres, type PostgresOptions } from '../postgres.ts';
import { ServedProcess } from '../served-process.ts';
import type { Seen } from './account.ts';
import { Agents } from './agents.ts';
import { ClusterNode, type NodeParts } from './cluster-node.ts';
import { Relay } from './relay.ts';
import { Tab } from './tab.ts';

export const LEASE_MS = 3_000;
const NAMES = ['anna', 'bert', 'cleo'];
const READY_MS = 20_000;

export interface ClusterOptions {
  /** Of every server; `dir` is for files that all may read. */
  readonly env?: (dir: string) => Readonly<Record<string, string>>;
  readonly postgres?: PostgresOptions;
  /** What one server has of its own: where it is, and how it reaches the database. */
  readonly place?: (name: string, url: string) => Partial<NodeParts>;
}

interface ClusterParts {
  readonly postgres: Postgres;
  readonly database: string;
  readonly nodes: readonly ClusterNode[];
  readonly edge: Edge;
  readonly agents: Agents;
  readonly undo: AsyncDisposableStack;
}

export class Cluster {
  readonly postgres: Postgres;
  readonly nodes: readonly ClusterNode[];
  readonly edge: Edge;
  readonly agents: Agents;
  /** What clients were told that none may ever be. */
  readonly troubles: string[] = [];
  readonly #undo: AsyncDisposableStack;
  readonly #database: string;
  readonly #tabs: Tab[] = [];
  readonly #cookies = new Map<string, string>();

  private constructor(parts: ClusterParts) {
    this.#database = parts.database;
    this.#undo = parts.undo;
    this.postgres = parts.postgres;
    this.nodes = parts.nodes;
    this.edge = parts.edge;
    this.agents = parts.agents;
  }

  /** What was begun ends again where something does not start. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    await using undo = new AsyncDisposableStack();
    const dir = mkdtempSync(join(tmpdir(), 'greenroom-cluster-'));
    undo.defer(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
    const [postgres, edgePort] = await Promise.all([Postgres.start(options.postgres), freePort()]);
    undo.defer(() => postgres.remove());
    undo.defer(() => postgres.thaw());
    const url = await postgres.database();
    const agents = new Agents(
      dir,
      (path) => NAMES.find((name) => path.includes(`/${name}/`)) ?? '',
    );
    undo.defer(() => agents.stop());
    const env = { ...sharedSettings(edgePort, agents.program), ...options.env?.(dir) };
    const nodes: ClusterNode[] = [];
    for (const name of NAMES) {
      const own = options.place?.(name, url) ?? {};
      const relay = own.relay === null ? null : await Relay.open(postgres.port);
      undo.defer(() => relay?.close());
      const databaseUrl = url.replace(`:${postgres.port}/`, `:${relay?.port}/`);
      const usual = { name, dataDir: join(dir, name), host: '127.0.0.1', port: await freePort() };
      nodes.push(new ClusterNode({ ...usual, env, relay, databaseUrl, inside: [], ...own }));
    }
    undo.defer(() => ServedProcess.endAll());
    await Promise.all(nodes.map((node) => node.start()));
    const edge = await startCaddy(edgePort, nodes.map(({ address }) => address).join(' '));
    undo.defer(() => edge.stop());
    const database = new URL(url).pathname.slice(1);
    return new Cluster({ postgres, database, nodes, edge, agents, undo: undo.move() });
  }

  node(name: string): ClusterNode {
    const node = this.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`there is no ${name}`);
    return node;
  }

  /** A user's sign-in, which holds on every server. */
  async cookieFor(user: string, node = this.nodes[0] as ClusterNode): Promise<string> {
    const known = this.#cookies.get(user) ?? (await node.cookieFor(user));
    this.#cookies.set(user, known);
    return known;
  }

  /**
   * A tab of this user's that has caught up.
   * @param by Servers it connects to, past the edge, in turn; none: it goes by the edge.
   * @param after The last row it has; null: it has none.
   */
  async tab(
    user: string,
    threadId: string,
    by: readonly ClusterNode[] = [],
    after: string | null = null,
  ): Promise<Tab> {
    const name = `${user}/${threadId.slice(0, 6)} by ${by[0]?.name ?? 'the edge'}`;
    const edge = `${this.edge.origin.replace('http', 'ws')}/chat/ws`;
    let turn = -1;
    const tab = new Tab({
      name,
      threadId,
      after,
      cookie: await this.cookieFor(user),
      origin: this.edge.origin,
      address: () => {
        turn += 1;
        return by[turn % Math.max(1, by.length)]?.webSocketUrl ?? edge;
      },
      onTrouble: (what) => this.troubles.push(`${name}: ${what}`),
    });
    this.#tabs.push(tab);
    return tab.open();
  }

  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.postgres.query(sql, this.#database);
  }

  /** A conversation's rows as the database has them. */
  async journal(key: string): Promise<Seen[]> {
    const rows = await this.query(
      `SELECT seq, term, chunk FROM journal j JOIN conversations c ON c.id = j.conversation
       WHERE key = '${key}' ORDER BY seq`,
    );
    return rows.map(({ seq, term, chunk }) => ({
      id: `${term}.${seq}`,
      chunk: JSON.stringify(JSON.parse(String(chunk))),
      at: 0,
    }));
  }

  /** From now on what a server tells the others by NOTIFY goes nowhere, or arrives again. Breaks all connections. */
  async loseNotices(lost: boolean): Promise<void> {
    await this.query(
      `CREATE OR REPLACE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''`,
    );
    const path = lost ? 'public, pg_catalog' : 'DEFAULT';
    await this.query(`ALTER DATABASE ${this.#database} SET search_path TO ${path}`);
    await this.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  }

  /** The name of the server that owns a conversation now; null: none that lives does. */
  async ownerOf(key: string): Promise<string | null> {
    const [row] = await this.query(
      `SELECT n.name FROM conversations c JOIN places p ON p.conversation = c.id JOIN nodes n ON n.id = p.owner
       WHERE key = '${key}' AND NOT n.dead AND n.expires_at > clock_timestamp()`,
    );
    return row === undefined ? null : String(row.name);
  }

  /** Resolves once every server is ready; rejects after 20 s. */
  async ready(nodes = this.nodes): Promise<void> {
    const until = performance.now() + READY_MS;
    for (const node of nodes)
      while (!(await node.isReady())) {
        if (performance.now() > until) throw new Error(`${node.name} is not ready again`);
        await sleep(50);
      }
  }

  /** Undoes what a test that failed half way left as it was; resolves once all is ready. */
  async heal(): Promise<void> {
    this.postgres.thaw();
    if (!this.postgres.isRunning) await this.postgres.resume();
    await Promise.all(this.nodes.map((node) => node.heal()));
    await this.ready();
  }

  /** Ends everything, in whatever state it is. */
  async stop(): Promise<void> {
    await Promise.all(this.#tabs.map((tab) => tab.close()));
    await this.#undo.disposeAsync();
  }
}

function sharedSettings(edgePort: number, program: string): Record<string, string> {
  return {
    CHAT_CLAUDE_BIN: program,
    CHAT_LEASE_MS: String(LEASE_MS),
    CHAT_DATABASE_TIMEOUT_MS: '1000',
    CHAT_DATABASE_POOL: '6',
    CHAT_COOKIE_SECRETS: 'a-secret-that-all-servers-share-in-the-cluster-test',
    CHAT_PUBLIC_URL: `http://127.0.0.1:${edgePort}`,
    CHAT_OAUTH_CLIENT_ID: 'greenroom',
    CHAT_OAUTH_CLIENT_SECRET: 'a-secret-of-the-application-32-long',
    CHAT_ALLOWED_USERS: 'ada,ben,cyd,dot,eva,fay,gil',
    FORGE_URL: 'http://127.0.0.1:1',
    FORWARD_AUTH_SECRET: EDGE_SECRET,
    CHAT_TRUSTED_PROXIES: '127.0.0.1,10.77.0.0/16',
    CHAT_TITLES: 'prompt',
    CHAT_MAX_PROCESSES: '16',
    CHAT_DRAIN_LEAD_MS: '500',
    CHAT_DRAIN_TURN_MS: '8000',
  };
}
