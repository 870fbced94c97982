/** Whether at most one process had a conversation at a time, each prompt was handed over once, and memory went along. */
import type { AgentNote, Disruption, Finding, Life } from './account.ts';

export interface AgentsAccount {
  readonly notes: readonly AgentNote[];
  readonly lives: readonly Life[];
  readonly disruptions: readonly Disruption[];
  /** Tags of the prompts whose runs ended by themselves, or were stopped. */
  readonly ended: ReadonlySet<string>;
  /** How long the process of a frozen server may go on beside its successor, ms. */
  readonly overlapMs: number;
}

export function checkAgents(account: AgentsAccount): Finding[] {
  const { notes, lives, disruptions, overlapMs } = account;
  const allowed = (life: Life, other: Life) =>
    disruptions.some(
      ({ node, isFrozen, from, to }) =>
        isFrozen && (node === life.node || node === null) && from <= other.from && to >= other.from,
    )
      ? overlapMs
      : 0;
  return [...checkOnce(notes), ...checkMemory(account), ...checkLives(lives, allowed)];
}

function checkOnce(notes: readonly AgentNote[]): Finding[] {
  const given = notes.filter(({ what }) => what === 'prompt' || what === 'answer');
  const byDetail = Map.groupBy(given, ({ what, detail }) => `${what} ${detail}`);
  return [...byDetail].flatMap(([what, found]) =>
    found.length === 1
      ? []
      : [
          {
            rule: 'twice' as const,
            where: found[0]?.session ?? '',
            text: `${what} was given again`,
          },
        ],
  );
}

/** A process knows all turns of its session that ended before it began, but for the last, where its server was lost. */
function checkMemory({ notes, disruptions, ended }: AgentsAccount): Finding[] {
  const turns = notes.filter(({ what, detail }) => what === 'turn' && ended.has(detail));
  return notes.flatMap(({ what, session, at, detail, node }) => {
    if (what !== 'start') return [];
    const before = turns.filter((turn) => turn.session === session && turn.at < at);
    const last = before.at(-1);
    const mayLack = disruptions.some(({ from }) => last !== undefined && from > last.at - 1_000);
    const missing = before.length - (Number(detail) || 0);
    if (missing <= (mayLack ? 1 : 0)) return [];
    const text = `a process on ${node} began with ${detail} of ${before.length} turns`;
    return [{ rule: 'memory' as const, where: session, text }];
  });
}

function checkLives(
  lives: readonly Life[],
  allowed: (life: Life, other: Life) => number,
): Finding[] {
  const findings: Finding[] = [];
  for (const [session, own] of Map.groupBy(lives, (life) => life.session)) {
    const inOrder = own.toSorted((a, b) => a.from - b.from);
    for (const [i, life] of inOrder.entries())
      for (const other of inOrder.slice(i + 1)) {
        const both = Math.min(life.to, other.to) - other.from;
        if (both <= allowed(life, other)) continue;
        const text = `${life.pid} on ${life.node} lived ${Math.round(both)} ms beside ${other.pid} on ${other.node}`;
        findings.push({ rule: 'twoProcesses', where: session, text });
      }
  }
  return findings;
}
