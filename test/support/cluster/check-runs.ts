/** Whether each prompt became one run, which ended once and in a way that what happened explains. */
import type { AgentNote, ConversationAccount, Disruption, Finding, PromptSent } from './account.ts';
import { type RunTold, runsIn } from './runs-in.ts';

export function checkRuns(
  { key, journal, prompts }: ConversationAccount,
  notes: readonly AgentNote[],
  disruptions: readonly Disruption[],
): Finding[] {
  const findings: Finding[] = [];
  const find = (rule: Finding['rule'], text: string) => findings.push({ rule, where: key, text });
  const { runs, misplaced } = runsIn(journal);
  for (const id of misplaced) find('unended', `${id} stands outside of its run`);
  const byId = Map.groupBy(runs, ({ runId }) => runId);
  const sent = new Map(prompts.map((prompt) => [prompt.runId, prompt]));

  for (const [runId, told] of byId)
    if (told.length > 1) find('twice', `run ${runId} began ${told.length} times`);
  for (const prompt of prompts)
    if (prompt.acceptedAt !== null && !prompt.aborted && !byId.has(prompt.runId))
      find('lost', `prompt ${prompt.tag} was accepted and never began`);
  for (const run of runs) {
    const prompt = sent.get(run.runId);
    if (run.end === null) find('unended', `run ${run.runId} has no end`);
    else if (prompt === undefined) {
      if (!isEndOfQuestion(run, byId)) find('twice', `nobody sent run ${run.runId} (${run.end})`);
    } else checkEnd(run, prompt, find, notes, disruptions);
  }
  checkOrder(runs, sent, find);
  return findings;
}

type Find = (rule: Finding['rule'], text: string) => unknown;

function checkEnd(
  run: RunTold,
  prompt: PromptSent,
  find: Find,
  notes: readonly AgentNote[],
  disruptions: readonly Disruption[],
): void {
  const { tag } = prompt;
  const name = `run ${tag}`;
  const whole = Array.from({ length: prompt.words }, (_, i) => `${tag}.${i} `).join('');
  const isPart = whole.startsWith(run.text) || whole.trimEnd() === run.text.trimEnd();
  if (!isPart) find('words', `${name} says ${run.text.slice(0, 200)}`);
  else if (run.end === 'success' && run.text.trimEnd() !== whole.trimEnd())
    find('words', `${name} ended well with ${run.text.length} of ${whole.length} letters`);
  if (run.end === 'cancelled' && !prompt.aborted) find('ended', `${name} was cancelled by nobody`);
  if (run.end === 'interrupted' && !isExplained(run, tag, notes, disruptions))
    find('interrupted', `${name} was cut off while nothing had happened to its server`);
  if (!['success', 'interrupt', 'cancelled', 'interrupted'].includes(run.end ?? ''))
    find('ended', `${name} ended as ${run.end}`);
}

/** Something happened, while the run was live, to the server that had it, or to the database. */
function isExplained(
  run: RunTold,
  tag: string,
  notes: readonly AgentNote[],
  disruptions: readonly Disruption[],
): boolean {
  const node = notes.find(({ what, detail }) => what === 'prompt' && detail === tag)?.node;
  return disruptions.some(
    (one) =>
      (one.node === null || node === undefined || one.node === node) &&
      run.startedAt <= one.to &&
      run.endedAt >= one.from,
  );
}

/** A question that was cut off with its server is ended by a run of the server's own, which says so. */
function isEndOfQuestion(run: RunTold, byId: ReadonlyMap<string, RunTold[]>): boolean {
  const asked = byId.get(run.parentRunId ?? '')?.[0];
  return asked?.end === 'interrupt' && run.end === 'interrupted';
}

/** What was sent after another had been accepted begins after it. */
function checkOrder(runs: RunTold[], sent: ReadonlyMap<string, PromptSent>, find: Find): void {
  let latest: PromptSent | null = null;
  for (const run of runs) {
    const prompt = sent.get(run.runId);
    if (prompt === undefined || prompt.acceptedAt === null) continue;
    if (latest !== null && prompt.acceptedAt < latest.sentAt)
      find('overtaken', `${latest.tag} began before ${prompt.tag}, which was there first`);
    if (latest === null || prompt.sentAt > latest.sentAt) latest = prompt;
  }
}
