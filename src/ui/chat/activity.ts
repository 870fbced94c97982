import { ancestors } from './asks.ts';
import { liveRun, type Run, type ToolItem } from './thread.ts';
import { toolSummary } from './tool-summary.ts';

/** What a live run is doing, as far as its events tell. `key` changes when the activity does. */
export interface Activity {
  readonly key: string;
  readonly label: string;
  /** What the tool works on; empty for anything else. */
  readonly detail: string;
}

/** Says truthfully what goes on in the live run: nothing is claimed that no event has shown. */
export function activityOf(runs: readonly Run[]): Activity | null {
  const run = liveRun(runs);
  if (!run) return null;
  if (run.isCompacting) return act('compacting', 'Summarising earlier messages');
  const last = run.items.findLast(({ lane }) => lane === null);
  if (last?.kind === 'thinking' && last.open) return act(last.id, 'Thinking');
  if (last?.kind === 'text' && last.open) return act(last.id, 'Writing');
  return (
    toolActivity(runs, run) ??
    laneActivity(runs) ??
    act(`wait:${last?.id ?? ''}`, 'Waiting for Claude')
  );
}

function toolActivity(runs: readonly Run[], run: Run): Activity | null {
  // A tool that waited for approval is listed with the run that asked.
  const turn = [...ancestors({ runs: [...runs] }, run).map((parent) => parent.run), run];
  const tools = turn.flatMap(({ items }) =>
    items.filter((item) => item.kind === 'tool' && item.lane === null),
  ) as ToolItem[];
  const writing = tools.findLast(({ state }) => state === 'writing');
  if (writing) return act(`${writing.id}:input`, `Preparing ${writing.name}`);
  const running = tools.findLast(({ state }) => state === 'running');
  if (!running || run.lanes.some(({ id }) => id === running.id)) return null;
  return act(running.id, `Running ${running.name}`, toolSummary(running.name, running.args));
}

function laneActivity(runs: readonly Run[]): Activity | null {
  const working = runs.flatMap(({ lanes }) => lanes.filter(({ state }) => state === 'running'));
  const [first] = working;
  if (!first) return null;
  return working.length === 1
    ? act(first.id, `${first.name} is at work`, first.description)
    : act('lanes', `${working.length} subagents are at work`);
}

function act(key: string, label: string, detail = ''): Activity {
  return { key, label, detail };
}

/** `7 s`, `1 min 05 s`: how long something has taken. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `0:07`, `12:30`, `1:02:03`: how long until something. Rounds up, so that 0:00 means now. */
export function countdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
