/**
 * A cluster that goes through every failure, one after the other, while people talk. Seeded: `CLUSTER_SEED` has the
 * same failures befall the same servers in the same order. `CLUSTER_SECONDS` is how long, at least one round.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { caddyIsMissing } from '../../support/caddy.ts';
import type { Disruption } from '../../support/cluster/account.ts';
import { Cluster } from '../../support/cluster/cluster.ts';
import type { ClusterNode } from '../../support/cluster/cluster-node.ts';
import { checkAll } from '../../support/cluster/ending.ts';
import { FAILURES } from '../../support/cluster/failures.ts';
import { Talk } from '../../support/cluster/talk.ts';
import { mulberry32, shuffled } from '../../support/random.ts';

const SEED = Number(process.env.CLUSTER_SEED ?? 20_261_126);
const SECONDS = Number(process.env.CLUSTER_SECONDS ?? 25);
const USERS = ['ada', 'ben', 'cyd'];
const TALKS_EACH = 2;
/** A round of all failures takes less, and everything is bounded by itself. */
const LONGEST_MS = (SECONDS + 240) * 1_000;

let cluster: Cluster | null = null;
after(() => cluster?.stop());

test(`[R3] [R10] [R11] [R16] [R17] [R18] [R20] [R21] [R23] three servers and their database, killed, frozen, cut off and drained: nothing is lost, doubled or run twice (seed ${SEED})`, {
  skip: caddyIsMissing() ?? false,
  timeout: LONGEST_MS,
}, async (t) => {
  cluster = await Cluster.start();
  const on = cluster;
  const talks = await begin(on);
  const disruptions: Disruption[] = [];
  const told: string[] = [];
  let isOver = false;
  const talking = Promise.all(talks.map((talk) => talkUntil(talk, () => isOver)));
  talking.catch(() => {}); // it is waited for below

  const random = mulberry32(SEED);
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const befall = async (name: string, node: ClusterNode) => {
    told.push(`${seconds().toFixed(1)} ${name} ${node.name}`);
    // Of its own, so that two at once are the same whichever asks first.
    const own = mulberry32(Math.floor(random() * 2 ** 32));
    await FAILURES[name]?.({ cluster: on, node, random: own, disruptions });
  };
  do {
    const names = shuffled(Object.keys(FAILURES), random);
    for (const [i, name] of names.entries()) {
      const [node, other] = shuffled(on.nodes, random) as [ClusterNode, ClusterNode];
      // Some come together: not two of the database, and no drain, which a database that is gone may spoil.
      const second = names[(i + 1) % names.length] ?? '';
      const isPair = !/^database/.test(second) && !/drained/.test(name + second) && random() < 0.3;
      await Promise.all([befall(name, node), isPair ? befall(second, other) : null]);
      await on.ready();
      await sleep(500 + 1_000 * random()); // people talk undisturbed for a while
    }
  } while (seconds() < SECONDS);
  isOver = true;
  await talking;

  const findings = await checkAll(cluster, talks, disruptions);
  const prompts = talks.flatMap((talk) => talk.prompts);
  t.diagnostic(JSON.stringify({ seed: SEED, prompts: prompts.length, told }));
  assert.deepEqual(findings, []);
  assert.deepEqual(cluster.troubles, []);
  const codes = await Promise.all(cluster.nodes.map((node) => node.end('SIGTERM')));
  assert.deepEqual(codes, [0, 0, 0]);
  assert.deepEqual(cluster.agents.living(), []);
});

/** Each user by the edge and past it: so tabs of one conversation are on several servers. */
async function begin(on: Cluster): Promise<Talk[]> {
  const random = mulberry32(SEED + 1);
  const talks: Talk[] = [];
  for (const [i, user] of USERS.entries())
    for (let n = 0; n < TALKS_EACH; n++) {
      const threadId = randomUUID();
      const inTurn = [...on.nodes.slice((i + n) % 3), ...on.nodes.slice(0, (i + n) % 3)];
      const tabs = [await on.tab(user, threadId), await on.tab(user, threadId, inTurn)] as const;
      talks.push(new Talk({ cluster: on, user, tabs, random }));
    }
  return talks;
}

async function talkUntil(talk: Talk, isOver: () => boolean): Promise<void> {
  while (!isOver()) await talk.turn();
}
