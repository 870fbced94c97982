/**
 * Servers that share one store in memory. The cluster is a double: it knows who owns what, and delivers commands at
 * once; and so are the supervisors, which note what they run instead of running it.
 */
import { answerCommands, type Command } from '../../../src/machines/cluster/commands.ts';
import { ClusterConversations } from '../../../src/machines/cluster/conversations.ts';
import { Elsewhere } from '../../../src/machines/cluster/elsewhere.ts';
import type { Prompt } from '../../../src/machines/prompts.ts';
import type { Supervisor } from '../../../src/machines/supervisor.ts';
import { type Cluster, HeldElsewhere, type LiveState } from '../../../src/store/cluster.ts';
import { type ConversationKey, conversationKey, type Store } from '../../../src/store/store.ts';
import { memoryStore } from '../../support/memory-store.ts';

export const KEY = conversationKey('ada', 'thread');
export const command = (runId: string) => ({ runId, digest: runId, text: runId });

export type Reached = 'answered' | 'replyLost' | 'unreached';

export interface Ran {
  readonly runId: string;
  readonly node: string;
}

export function stageNodes(names: readonly string[]) {
  const store = memoryStore();
  const owners = new Map<ConversationKey, string>();
  const handlers = new Map<string, (body: Command) => Promise<unknown>>();
  const living = new Set(names);
  const ran: Ran[] = [];
  const withdrawn: string[] = [];
  const claims = new Map<string, string>();
  /** What becomes of the next commands; after that all are answered. */
  const fates: (Reached | Error)[] = [];
  const sleepers: (() => void)[] = [];
  const nodes = new Map(names.map((name) => [name, stageNode(name)]));

  function stageNode(name: string) {
    const live = new Map<ConversationKey, { runs: Set<string> }>();
    let isDraining = false;
    const begin = async (key: ConversationKey, runId: string) => {
      ran.push({ runId, node: name });
      // Its first row marks it as started, in the store that all share.
      const lease = await store.acquire(key);
      const chunk = JSON.stringify({ type: 'RUN_STARTED', runId, threadId: 'thread' });
      await store.append(lease, [{ runId, chunk, marks: 'runStarted' }], 'batch');
    };
    const supervisor = {
      find: (key: ConversationKey) => {
        const found = live.get(key);
        return (
          found && {
            waiting: [...found.runs].map((runId) => ({ runId })),
            activity: 'running',
            pending: [],
            heardAt: null,
            liveRunId: null,
          }
        );
      },
      async open(key: ConversationKey) {
        if (isDraining) return;
        const owner = owners.get(key);
        if (owner !== undefined && owner !== name && living.has(owner))
          throw new HeldElsewhere(owner);
        owners.set(key, name);
        if (!live.has(key)) live.set(key, { runs: new Set() });
      },
      async prompt(key: ConversationKey, { runId }: Prompt) {
        if (isDraining) return 'server.restarting';
        await supervisor.open(key);
        const runs = live.get(key)?.runs;
        if (runs?.has(runId)) return null;
        runs?.add(runId);
        await begin(key, runId);
        return null;
      },
      async abort() {},
      async endAll() {
        live.clear();
      },
      get isDraining() {
        return isDraining;
      },
    } as unknown as Supervisor;
    const cluster = {
      node: name,
      ownerOf: async (key: ConversationKey) => {
        const owner = owners.get(key);
        return owner !== undefined && living.has(owner) ? owner : null;
      },
      others: async () => [...living].filter((other) => other !== name),
      claim: async (_: ConversationKey, runId: string) => void claims.set(runId, name),
      async send(to: string, body: Command) {
        const fate = fates.shift() ?? 'answered';
        if (fate instanceof Error) throw fate;
        if (fate === 'unreached' || !living.has(to)) return null;
        const reply = await handlers.get(to)?.(body);
        return fate === 'answered' ? (reply ?? null) : null;
      },
      liveOf: async () => new Map<ConversationKey, LiveState>(),
    } as unknown as Cluster;
    const tellWithdrawn = (_: ConversationKey, runId: string) => void withdrawn.push(runId);
    const parking = { takeBack: async () => false };
    handlers.set(
      name,
      answerCommands({ cluster, store: store as Store, supervisor, parking, tellWithdrawn }) as (
        body: Command,
      ) => Promise<unknown>,
    );
    const elsewhere = new Elsewhere(cluster);
    const conversations = new ClusterConversations({
      ...{ supervisor, cluster, store: store as Store, elsewhere, tellWithdrawn },
      replyMs: 1,
      sleep: () => new Promise<void>((resolve) => sleepers.push(resolve)),
    });
    return {
      ...{ conversations, cluster, supervisor, live, elsewhere },
      /** Its turns are over, and what it has is anybody's. */
      drain() {
        isDraining = true;
        this.release();
      },
      release() {
        live.clear();
        for (const [key, owner] of owners) if (owner === name) owners.delete(key);
      },
      die() {
        living.delete(name);
        isDraining = true;
        live.clear();
      },
    };
  }

  return {
    ...{ store, owners, living, ran, withdrawn, claims, fates },
    at(name: string) {
      const node = nodes.get(name);
      if (!node) throw new Error(`no node ${name}`);
      return node;
    },
    /** Those who wait to try again do. */
    async tick(): Promise<void> {
      await settle();
      for (const wake of sleepers.splice(0)) wake();
      await settle();
    },
  };
}

/** All that can go on without a timer has. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
