/** Subagents in a thread. One may outlive the run that began it. */
import { type EventOf, type Lane, liveRun, type Thread } from './thread.ts';

export function startLane(thread: Thread, event: EventOf<'SUBAGENT_STARTED'>): void {
  const run = liveRun(thread.runs);
  const { subagentRunId: id, name, description = '' } = event;
  if (!run || run.lanes.some((lane) => lane.id === id)) return;
  const startedAt = event.timestamp === undefined ? {} : { startedAt: event.timestamp };
  const lane: Lane = { id, name, description, state: 'running', ...startedAt };
  thread.runs[thread.runs.length - 1] = { ...run, lanes: [...run.lanes, lane] };
}

export function endLane(thread: Thread, id: string, state: Lane['state']): void {
  thread.runs.forEach((run, index) => {
    if (!run.lanes.some((lane) => lane.id === id)) return;
    const lanes = run.lanes.map((lane) => (lane.id === id ? { ...lane, state } : lane));
    thread.runs[index] = { ...run, lanes };
  });
}
