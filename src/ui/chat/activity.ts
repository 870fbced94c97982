import { words } from '../words/words.ts';
import { ancestors } from './asks.ts';
import { askingRun, liveRun, type Run, type ToolItem } from './thread.ts';
import { toolSummary } from './tool-summary.ts';

/** What a run is doing, as far as its events tell. `key` changes when the activity does. */
export interface Activity {
  readonly key: string;
  /** `model`: the API is at it, whose silence means something; `asking`: nothing moves until a person answers. */
  readonly kind: 'model' | 'tool' | 'subagents' | 'compacting' | 'asking';
  readonly label: string;
  /** What the tool works on; empty for anything else. */
  readonly detail: string;
  /** Epoch ms by the server's clock; null where it did not say. */
  readonly since: number | null;
}

/** Says truthfully what goes on in the live run: nothing is claimed that no event has shown. */
export function activityOf(runs: readonly Run[]): Activity | null {
  const run = liveRun(runs);
  if (!run) return askingActivity(runs);
  if (run.isCompacting)
    return act('compacting', 'compacting', words.chat.compacting, { since: run.movedAt });
  const last = run.items.findLast(({ lane }) => lane === null);
  if (last?.kind === 'thinking' && last.open)
    return act('model', last.id, words.chat.thinking, { since: last.startedAt });
  if (last?.kind === 'text' && last.open)
    return act('model', last.id, words.chat.writing, { since: last.startedAt });
  return (
    toolActivity(runs, run) ??
    laneActivity(runs) ??
    act('model', `wait:${last?.id ?? ''}`, words.chat.waiting, { since: run.movedAt })
  );
}

function toolActivity(runs: readonly Run[], run: Run): Activity | null {
  // A tool that waited for approval is listed with the run that asked.
  const turn = [...ancestors({ runs: [...runs] }, run).map((parent) => parent.run), run];
  const tools = turn.flatMap(({ items }) =>
    items.filter((item) => item.kind === 'tool' && item.lane === null),
  ) as ToolItem[];
  const writing = tools.findLast(({ state }) => state === 'writing');
  if (writing)
    return act('model', `${writing.id}:input`, words.chat.preparing(writing.name), {
      since: writing.startedAt,
    });
  const running = tools.findLast(({ state }) => state === 'running');
  if (!running || run.lanes.some(({ id }) => id === running.id)) return null;
  // One that was approved runs since the answer.
  const since = run.items.includes(running) ? running.runningSince : run.startedAt;
  const detail = toolSummary(running.name, running.args);
  return act('tool', running.id, words.chat.running(running.name), { since, detail });
}

function laneActivity(runs: readonly Run[]): Activity | null {
  const lanes = runs.flatMap((run) => run.lanes.filter(({ state }) => state === 'running'));
  // One that goes on from run to run is listed in each: the first tells since when.
  const working = lanes.filter(({ id }, at) => lanes.findIndex((lane) => lane.id === id) === at);
  const [first] = working;
  if (!first) return null;
  const { name, startedAt: since, description: detail } = first;
  return working.length === 1
    ? act('subagents', first.id, words.chat.subagent(name), { since, detail })
    : act('subagents', 'lanes', words.chat.subagents(working.length), { since });
}

function askingActivity(runs: readonly Run[]): Activity | null {
  const run = askingRun(runs);
  if (!run) return null;
  const tool = run.items.find((item) => item.kind === 'tool' && item.state === 'asking') as
    | ToolItem
    | undefined;
  const detail = tool ? `${tool.name} ${toolSummary(tool.name, tool.args)}`.trim() : '';
  return act('asking', `asking:${run.id}`, words.chat.asking, { since: run.movedAt, detail });
}

function act(
  kind: Activity['kind'],
  key: string,
  label: string,
  { since, detail = '' }: { since: number | undefined; detail?: string },
): Activity {
  return { kind, key, label, detail, since: since ?? null };
}

/** So long nothing may come before it is said. */
const QUIET_MS = 15_000;

/** For how long nothing was heard where something was to be: null while that is no news. */
export function quietMs(
  { kind, since }: Activity,
  heardAt: number | null,
  now: number,
): number | null {
  if (kind !== 'model') return null;
  const lastAt = Math.max(heardAt ?? 0, since ?? 0);
  const quiet = now - lastAt;
  return lastAt > 0 && quiet >= QUIET_MS ? quiet : null;
}

/** `7 s`, `1 min 05 s`, `1 h 02 min`: how long something has taken. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (n: number) => String(n).padStart(2, '0');
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `0:07`, `12:30`, `1:02:03`: how long until something. Rounds up, so that 0:00 means now. */
export function countdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
