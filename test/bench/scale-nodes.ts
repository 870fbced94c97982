/** Some of the simulation's nodes, as a process of their own; started by `scale.ts`, which says what they do. */
import { PostgresStore } from '../../src/store/postgres/store.ts';
import type { ConversationKey } from '../../src/store/store.ts';
import { sleep } from './process.ts';
import { lookAtPage, turn } from './scale-turn.ts';

export interface NodesSettings {
  readonly url: string;
  readonly name: string;
  readonly poolMax: number;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  /** The number of the first of them, and how many there are; of all. */
  readonly first: number;
  readonly count: number;
  readonly nodes: number;
  readonly users: number;
  readonly conversations: number;
}

export interface Load {
  /** Runs that are live at any time, on all of these nodes. */
  readonly live: number;
  readonly framesPerSecond: number;
  readonly tokensPerFrame: number;
  readonly turnMs: number;
  /** Of the conversations that run, the share that is watched from another node too. */
  readonly elsewhere: number;
  /** Pages that are opened besides, a second. */
  readonly pages: number;
  /** Nothing counts before. */
  readonly warmUpMs: number;
  readonly forMs: number;
}

export interface Told {
  readonly frames: number;
  /** A sample of them. */
  readonly frameMs: readonly number[];
  readonly promptMs: readonly number[];
  readonly seen: number;
  readonly lost: number;
  readonly faults: number;
  readonly cpuMs: number;
}

const EVERY_NTH = 7;
const settings = JSON.parse(process.argv[2] ?? '') as NodesSettings;
const { first, count, nodes, users, conversations } = settings;
const stores: PostgresStore[] = [];
let lost = 0;

for (let i = 0; i < count; i += 1) {
  const store = await PostgresStore.open({ ...settings, name: `node-${first + i}` });
  store.cluster.onLost(() => {
    lost += 1;
  });
  stores.push(store);
  void adoptOften(store);
}

/** As `Adoption` of the server does. */
async function adoptOften(store: PostgresStore): Promise<void> {
  for (;;) {
    await sleep(1_000);
    await store.parked().catch(() => {});
    await store.waiting().catch(() => {});
  }
}

/** One of the conversations of a user who sticks to a node. */
function someKey(node: number): ConversationKey {
  const user = first + node + nodes * Math.floor((Math.random() * users) / nodes);
  const its = user + users * Math.floor((Math.random() * conversations) / users);
  return `u${user % users}/c${its === 0 ? users : its}`;
}

async function run(load: Load): Promise<Told> {
  const told = { frames: 0, seen: 0, faults: 0, frameMs: [] as number[], promptMs: [] as number[] };
  const [begun, cpu, lostBefore] = [performance.now(), process.cpuUsage(), lost];
  const until = begun + load.warmUpMs + load.forMs;
  const counts = () => performance.now() - begun >= load.warmUpMs && performance.now() < until;
  const isOver = () => performance.now() >= until;
  const busy = new Set<ConversationKey>();

  async function seat(i: number): Promise<void> {
    const node = i % count;
    // As if it had gone on for a while: turns end all the time, not all at once.
    for (let part = Math.random(); !isOver(); part = 1) {
      let key = someKey(node);
      while (busy.has(key)) key = someKey(node);
      busy.add(key);
      const [store, other] = [stores[node], stores[(node + 1) % count]];
      if (store === undefined || other === undefined) return;
      const leave = [store.tail(key, () => {})];
      if (Math.random() < load.elsewhere)
        leave.push(readOn(other, key, () => counts() && told.seen++));
      const onFrames = (delays: readonly number[]) => {
        if (!counts()) return;
        for (const delay of delays) if (told.frames++ % EVERY_NTH === 0) told.frameMs.push(delay);
      };
      const onPrompt = (ms: number) => counts() && told.promptMs.push(ms);
      const parts = { ...load, store, key, isOver, onFrames, onPrompt, turnMs: load.turnMs * part };
      await turn(parts).catch((error: unknown) => {
        told.faults += 1;
        if (told.faults < 3) process.stderr.write(`${String(error)}\n`);
      });
      for (const end of leave) end();
      busy.delete(key);
    }
  }

  async function pages(): Promise<void> {
    for (let i = 0; !isOver(); i += 1) {
      await sleep(1_000 / load.pages);
      const store = stores[i % count];
      if (store) void lookAtPage(store, someKey(i % count)).catch(() => told.faults++);
    }
  }

  const seats = Array.from({ length: load.live }, (_, i) => seat(i));
  if (load.pages > 0) seats.push(pages());
  await Promise.all([...seats, sleep(load.warmUpMs + load.forMs)]);
  const { user, system } = process.cpuUsage(cpu);
  return { ...told, lost: lost - lostBefore, cpuMs: (user + system) / 1_000 };
}

/** As a viewer on a node that does not own the conversation: told that there is more, it reads. */
function readOn(store: PostgresStore, key: ConversationKey, onRow: () => void): () => void {
  let [isReading, again] = [false, false];
  let after = null as Awaited<ReturnType<PostgresStore['head']>>['head'];
  const read = async () => {
    if (isReading) {
      again = true;
      return;
    }
    isReading = true;
    do {
      again = false;
      const result = await store.read(key, after, 500);
      if (!result.valid) after = result.head;
      else
        for (const row of result.rows) {
          after = { term: row.term, seq: row.seq };
          onRow();
        }
    } while (again);
    isReading = false;
  };
  return store.tail(key, () => void read().catch(() => {}));
}

process.on('message', (load: Load | 'end') => {
  if (load === 'end')
    void Promise.all(stores.map((store) => store.close())).then(() => process.exit(0));
  else void run(load).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
