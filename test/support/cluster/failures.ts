/** What a cluster must live through: each does its harm, and undoes it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disruption } from './account.ts';
import { type Cluster, LEASE_MS } from './cluster.ts';
import type { ClusterNode } from './cluster-node.ts';
import { moment } from './moment.ts';

export interface Stage {
  readonly cluster: Cluster;
  /** Which server it befalls, where it befalls one. */
  readonly node: ClusterNode;
  readonly random: () => number;
  readonly disruptions: Disruption[];
}

/** What was done is noticed, and its last effects are over, after so long. */
const AFTERMATH_MS = LEASE_MS;
const OVER_A_LEASE_MS = LEASE_MS + 1_000;
/** Less than half a lease: nobody need stop anything. */
const SHORT_MS = 1_000;
const STARTS_MAX = 20;
const SKEWS_MS = [0, 600_000, -600_000];

export const FAILURES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  killed: (stage) =>
    during(stage, stage.node, async () => {
      await stage.node.end('SIGKILL');
      await sleep(between(0, 1_500, stage.random));
      await startAgain(stage);
    }),
  frozen: (stage) =>
    during(
      stage,
      stage.node,
      () => frozen(stage.node, between(OVER_A_LEASE_MS, 6_000, stage.random)),
      true,
    ),
  frozenBriefly: ({ node }) => frozen(node, SHORT_MS / 2),
  drained: (stage) =>
    during(stage, stage.node, async () => {
      const code = await stage.node.end('SIGTERM');
      if (code !== 0)
        stage.cluster.troubles.push(`${stage.node.name} drained and exited with ${code}`);
      await startAgain(stage);
    }),
  cutOff: (stage) =>
    during(stage, stage.node, async () => {
      stage.node.relay?.hold();
      await sleep(between(OVER_A_LEASE_MS, 6_000, stage.random));
      stage.node.relay?.release();
    }),
  connectionsBroken: async ({ node }) => node.relay?.cut(),
  databaseRestarted: (stage) => during(stage, null, () => restarted(stage.cluster, 'SIGINT')),
  databaseKilled: (stage) => during(stage, null, () => restarted(stage.cluster, 'SIGKILL')),
  databaseFrozenBriefly: (stage) => during(stage, null, () => databaseFrozen(stage, SHORT_MS)),
  databaseFrozen: (stage) => during(stage, null, () => databaseFrozen(stage, OVER_A_LEASE_MS)),
};

/** Runs cut off meanwhile, or soon after, are explained by it. */
async function during(
  { disruptions }: Stage,
  node: ClusterNode | null,
  harm: () => Promise<void>,
  isFrozen = false,
): Promise<void> {
  const what = isFrozen ? 'frozen' : 'disturbed';
  const disruption: Disruption = {
    ...{ node: node?.name ?? null, what, from: moment(), to: Number.POSITIVE_INFINITY, isFrozen },
  };
  disruptions.push(disruption);
  await harm();
  disruption.to = moment() + AFTERMATH_MS;
}

async function frozen(node: ClusterNode, ms: number): Promise<void> {
  node.signal('SIGSTOP');
  await sleep(ms);
  node.signal('SIGCONT');
}

/** As a scheduler does: a server that finds no database exits, and is started again. */
async function startAgain({ node, random }: Stage): Promise<void> {
  node.skewMs = SKEWS_MS[Math.floor(random() * SKEWS_MS.length)] ?? 0;
  for (let tries = 1; ; tries++)
    try {
      return await node.start();
    } catch (error) {
      if (tries === STARTS_MAX) throw error;
    }
}

async function restarted({ postgres }: Cluster, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  await postgres.end(signal);
  await postgres.resume();
}

async function databaseFrozen({ cluster: { postgres } }: Stage, ms: number): Promise<void> {
  postgres.freeze();
  await sleep(ms);
  postgres.thaw();
}

function between(from: number, to: number, random: () => number): number {
  return from + random() * (to - from);
}
