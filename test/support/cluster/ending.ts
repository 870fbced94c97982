/** The end of a cluster's run: everybody sees the same, and so does who comes fresh. */
import type { ConversationAccount, Disruption, Finding, Seen, View } from './account.ts';
import { checkAgents } from './check-agents.ts';
import { checkMessages } from './check-messages.ts';
import { checkRuns } from './check-runs.ts';
import { checkViews } from './check-views.ts';
import { type Cluster, LEASE_MS } from './cluster.ts';
import { runsIn } from './runs-in.ts';
import type { Talk } from './talk.ts';

/** All rules that did not hold. */
export async function checkAll(
  cluster: Cluster,
  talks: readonly Talk[],
  disruptions: readonly Disruption[],
): Promise<Finding[]> {
  cluster.agents.look();
  const { notes, lives } = cluster.agents;
  const accounts = await Promise.all(talks.map((talk) => accountOf(cluster, talk)));
  const runs = accounts.flatMap(({ journal }) => runsIn(journal).runs);
  const ends = new Map(runs.map(({ runId, end }) => [runId, end]));
  const prompts = accounts.flatMap((account) => account.prompts);
  const well = prompts.filter(({ runId }) =>
    ['success', 'cancelled'].includes(ends.get(runId) ?? ''),
  );
  const ended = new Set(well.map(({ tag }) => tag));
  return [
    ...accounts.flatMap(({ findings }) => findings),
    ...(await checkLimits(cluster, talks, ends)),
    ...accounts.flatMap(checkViews),
    ...accounts.flatMap((account) => checkRuns(account, notes, disruptions)),
    ...checkAgents({ notes, lives, disruptions, ended, overlapMs: LEASE_MS / 2 }),
  ];
}

/** Every prompt that began was counted, once, and nothing else was. */
async function checkLimits(
  cluster: Cluster,
  talks: readonly Talk[],
  began: ReadonlyMap<string, unknown>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [user, own] of Map.groupBy(talks, (talk) => talk.user)) {
    const prompts = own.flatMap((talk) => talk.prompts);
    const count = prompts.filter(({ runId, isAnswer }) => !isAnswer && began.has(runId)).length;
    const tab = await cluster.tab(user, own[0]?.tabs[0].threadId ?? '');
    const used = tab.limits?.hour.used;
    if (used !== count)
      findings.push({ rule: 'limits', where: user, text: `${used} are counted, ${count} began` });
    const { runs } = tab.limits ?? {};
    if (runs?.used !== 0) findings.push({ rule: 'limits', where: user, text: `${runs?.used} run` });
  }
  return findings;
}

async function accountOf(cluster: Cluster, { key, tabs, user, prompts }: Talk) {
  const journal = await cluster.journal(key);
  const whole = tabs.map(async (tab) => {
    await tab
      .until(() => tab.seen.length >= journal.length, 'the rest of the journal')
      .catch(() => {}); // the checker says what is missing
    return { name: tab.name, seen: tab.seen };
  });
  const [first] = journal;
  const fresh = cluster.nodes.map(async (node): Promise<View> => {
    const after = first?.id ?? null;
    const tab = await cluster.tab(user, tabs[0].threadId, [node], after);
    const seen = first === undefined ? tab.seen : [first, ...tab.seen];
    return { name: `a fresh tab by ${node.name}`, seen };
  });
  const findings: Finding[] = [];
  const latest = cluster.nodes.map(async (node): Promise<View> => {
    const tab = await cluster.tab(user, tabs[0].threadId, [node]);
    const name = `a fresh tab by ${node.name}, from the last run on`;
    const reset = tab.direct.find((frame) => frame.type === 'reset');
    const begins = journal.findIndex(({ id }) => id === tab.seen[0]?.id);
    const before = journal.slice(0, begins < 0 ? journal.length : begins);
    findings.push(...checkMessages(`${key} as ${name} saw it`, reset?.messages ?? [], before));
    return { name, seen: tab.seen };
  });
  const views = await Promise.all([...whole, ...fresh, ...latest]);
  const timed = journal.map((row) => ({ ...row, at: firstSeen(row, tabs[0].seen) }));
  return { key, journal: timed, views, prompts, findings } satisfies ConversationAccount & {
    findings: Finding[];
  };
}

function firstSeen({ id }: Seen, seen: readonly Seen[]): number {
  return seen.find((row) => row.id === id)?.at ?? 0;
}
