/** Nodes that work on the same conversations at once, and what must hold of it, noted as they go. */
import assert from 'node:assert/strict';
import { FaultError } from '../../src/faults.ts';
import { HeldElsewhere } from '../../src/store/cluster.ts';
import type { ConversationKey, Lease, NewRow, Row } from '../../src/store/store.ts';
import { finished, freshDatabase, PostgresServer, started } from './postgres-servers.ts';

export interface Step {
  readonly node: number;
  readonly conversation: number;
  readonly does: keyof typeof DOES;
}

const DOES = {
  acquire: (work: SharedWork, at: Worker, key: ConversationKey) => work.acquire(at, key),
  append: (work: SharedWork, at: Worker, key: ConversationKey) => work.append(at, key),
  start: (work: SharedWork, at: Worker, key: ConversationKey) => work.start(at, key),
  finish: (work: SharedWork, at: Worker, key: ConversationKey) => work.finish(at, key),
  release: (work: SharedWork, at: Worker, key: ConversationKey) => work.release(at, key),
  accept: (work: SharedWork, at: Worker, key: ConversationKey) => work.accept(at, key),
  read: (work: SharedWork, at: Worker, key: ConversationKey) => work.read(at, key),
  wait: (work: SharedWork, at: Worker) => work.wait(at),
  die: (work: SharedWork, at: Worker) => work.die(at),
  renew: (_: SharedWork, at: Worker) => at.server.renew(),
  cut: (_: SharedWork, at: Worker) => at.server.cut(),
};

interface Held {
  readonly lease: Lease;
  /** The run that is at work under it. */
  open: string | null;
}

interface Worker {
  readonly server: PostgresServer;
  readonly held: Map<ConversationKey, Held>;
}

interface Said {
  readonly id: string;
  readonly key: ConversationKey;
  readonly term: number;
}

interface Prompt {
  readonly key: ConversationKey;
  /** Id of the node that is to see to it. */
  node: string;
  /** A node has begun to start it. */
  begun: boolean;
  started: boolean;
}

export class SharedWork {
  readonly seen = new Set<string>();
  readonly #database: string;
  readonly #workers: readonly Worker[];
  readonly #acked: Said[] = [];
  /** Of what was tried under a right that another had taken over already. */
  readonly #void: Said[] = [];
  readonly #terms = new Map<ConversationKey, number>();
  readonly #prompts = new Map<string, Prompt>();
  readonly #gone = new Set<string>();
  readonly #read = new Map<ConversationKey, readonly Row[]>();
  #ids = 0;

  private constructor(database: string, servers: readonly PostgresServer[]) {
    this.#database = database;
    this.#workers = servers.map((server) => ({ server, held: new Map() }));
  }

  static async begin(nodes: number): Promise<SharedWork> {
    const database = await freshDatabase();
    const names = Array.from({ length: nodes }, (_, i) => `n${i}`);
    const servers = names.map((name) => PostgresServer.start(database, name));
    return new SharedWork(database, await Promise.all(servers));
  }

  /** It may fail as the store may; whatever else it throws breaks a rule. */
  async do({ node, conversation, does }: Step): Promise<void> {
    const worker = this.#workers[node] as Worker;
    try {
      await DOES[does](this, worker, `amy/${conversation}`);
    } catch (error) {
      if (error instanceof HeldElsewhere) this.seen.add('held elsewhere');
      else if (!(error instanceof FaultError && error.code === 'store.unavailable')) throw error;
    }
  }

  async acquire({ server, held }: Worker, key: ConversationKey): Promise<void> {
    const lease = await server.store.acquire(key);
    assert.ok(lease.term !== this.#terms.get(key), 'a term that came twice');
    this.#terms.set(key, Math.max(lease.term, this.#terms.get(key) ?? 0));
    if ((held.get(key)?.lease.term ?? 0) < lease.term) held.set(key, { lease, open: null });
  }

  async release({ server, held }: Worker, key: ConversationKey): Promise<void> {
    const lease = held.get(key)?.lease;
    if (lease) await server.store.release(lease);
  }

  async append(worker: Worker, key: ConversationKey): Promise<void> {
    const runId = worker.held.get(key)?.open ?? 'between';
    await this.#append(worker, key, (more) => ({ runId, chunk: JSON.stringify(more) }));
  }

  /** A prompt that is this node's to begin, or else what Claude begins by itself. */
  async start(worker: Worker, key: ConversationKey): Promise<void> {
    const held = worker.held.get(key);
    if (!held || held.open !== null) return;
    const { node } = worker.server;
    const mine = [...this.#prompts].find(
      ([, prompt]) => prompt.key === key && prompt.node === node && !prompt.begun,
    );
    const runId = mine?.[0] ?? this.#id();
    if (mine) mine[1].begun = true;
    held.open = runId;
    await this.#append(worker, key, (more) => started(runId, more));
    if (mine) mine[1].started = true;
  }

  async finish(worker: Worker, key: ConversationKey): Promise<void> {
    const held = worker.held.get(key);
    const runId = held?.open;
    if (!held || !runId) return;
    held.open = null;
    await this.#append(worker, key, (more) => finished(runId, more));
  }

  async accept({ server }: Worker, key: ConversationKey): Promise<void> {
    const [runId, { node }] = [this.#id(), server];
    const kept = await server.store.accept(key, { runId, digest: 'd', text: 'hello' });
    assert.equal(kept, 'accepted');
    // Its own id may have changed while it was asked.
    const run = await server.store.run('amy', runId);
    const known = { key, node: server.node === node ? node : '', begun: false, started: false };
    if (run && !this.#prompts.has(runId)) this.#prompts.set(runId, known);
  }

  async wait({ server }: Worker): Promise<void> {
    const { node } = server;
    const began = new Set(
      [...this.#prompts].filter(([, { started }]) => started).map(([id]) => id),
    );
    for (const { key, runId } of await server.store.waiting()) {
      this.seen.add('claimed');
      assert.ok(!began.has(runId), 'a prompt that has started waits for nobody');
      const prompt = this.#prompts.get(runId) ?? { key, node: '', begun: false, started: false };
      this.#prompts.set(runId, prompt);
      assert.ok(prompt.node === '' || this.#gone.has(prompt.node), 'it is a living node’s');
      prompt.node = server.node === node ? node : '';
      if (!prompt.started) prompt.begun = false;
    }
  }

  async die({ server }: Worker): Promise<void> {
    const { node } = server;
    this.#gone.add(node);
    await server.die(node);
  }

  async read({ server }: Worker, key: ConversationKey): Promise<readonly Row[]> {
    const acked = this.#acked.filter((said) => said.key === key);
    const page = await server.store.read(key, null, 10_000);
    if (!page.valid) assert.fail('the start is no place');
    const { rows } = page;
    for (const [i, { seq }] of rows.entries()) assert.equal(seq, i + 1, 'a gap');
    const known = this.#read.get(key) ?? [];
    const both = Math.min(known.length, rows.length);
    assert.deepEqual(rows.slice(0, both), known.slice(0, both), 'what was read has changed');
    if (rows.length > known.length) this.#read.set(key, rows);
    const places = placesIn(rows);
    for (const { id, term } of acked) assert.equal(places.get(id), term, `${id} was lost`);
    return rows;
  }

  /** All nodes go, and one comes that looks after what they left. */
  async check(): Promise<void> {
    for (const worker of this.#workers) await this.die(worker);
    const server = await PostgresServer.start(this.#database, 'last');
    await this.#checkWith({ server, held: new Map() });
    await server.close();
  }

  async #checkWith(last: Worker): Promise<void> {
    const left = new Set((await last.server.store.waiting()).map(({ runId }) => runId));
    for (const [runId, { begun, started }] of this.#prompts) {
      assert.ok(begun || left.has(runId), `${runId} was lost`);
      assert.ok(!(started && left.has(runId)), `${runId} runs twice`);
    }
    for (const key of ['amy/0', 'amy/1'] as const)
      if ((await last.server.store.head(key)).head) this.#checkRows(await this.read(last, key));
  }

  async end(): Promise<void> {
    for (const { server } of this.#workers) await server.close();
  }

  #checkRows(rows: readonly Row[]): void {
    const places = placesIn(rows);
    for (const { id } of this.#void) assert.ok(!places.has(id), `${id} is of an old owner`);
    for (const [i, { term, chunk }] of rows.entries()) {
      assert.ok(term >= (rows[i - 1]?.term ?? 0), 'an old owner’s row is behind a new one’s');
      assert.equal(JSON.parse(chunk).term ?? term, term);
    }
    const types = (runId: string) =>
      rows.filter((row) => row.runId === runId).map(({ chunk }) => JSON.parse(chunk).type);
    for (const runId of new Set(rows.map((row) => row.runId))) {
      if (runId === 'between') continue;
      const [begins, ends] = [/RUN_STARTED/, /RUN_(FINISHED|ERROR)/].map(
        (type) => types(runId).filter((one) => type.test(one)).length,
      );
      assert.deepEqual([begins, ends], [1, 1], `${runId} begins once, and ends once`);
      if (types(runId).includes('RUN_ERROR')) this.seen.add('cut off');
    }
  }

  async #append(
    { server, held }: Worker,
    key: ConversationKey,
    row: (more: { id: string; term: number }) => NewRow,
  ): Promise<void> {
    const lease = held.get(key)?.lease;
    if (!lease) return;
    const said = { id: this.#id(), key, term: lease.term };
    if (lease.term < (this.#terms.get(key) ?? 0)) this.#void.push(said);
    try {
      await server.store.append(lease, [row(said)]);
    } catch (error) {
      this.seen.add('refused');
      throw error;
    }
    this.seen.add('acked');
    this.#acked.push(said);
  }

  #id(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }
}

/** The term of each row that a node has appended, each of which is there once. */
function placesIn(rows: readonly Row[]): Map<string, number> {
  const ids = rows.map(({ term, chunk }) => [String(JSON.parse(chunk).id), term] as const);
  const own = ids.filter(([id]) => id !== 'undefined');
  const places = new Map(own);
  assert.equal(places.size, own.length, 'a row is there twice');
  return places;
}
