/** The runs that a journal tells of. */
import type { AguiEvent } from '../../../src/transport/protocol.ts';
import type { Seen } from './account.ts';

export interface RunTold {
  readonly runId: string;
  readonly parentRunId: string | null;
  readonly startedAt: number;
  endedAt: number;
  /** A fault's code where it failed; null: it has not ended. */
  end: string | null;
  text: string;
}

/** `misplaced` are events that no run was open for, or that began one inside of another. */
export function runsIn(journal: readonly Seen[]): { runs: RunTold[]; misplaced: string[] } {
  const runs: RunTold[] = [];
  const misplaced: string[] = [];
  let open: RunTold | null = null;
  for (const { id, chunk, at } of journal) {
    const event = JSON.parse(chunk) as AguiEvent;
    if (event.type === 'RUN_STARTED') {
      if (open !== null) misplaced.push(id);
      const { runId, parentRunId = null } = event;
      open = { runId, parentRunId, startedAt: at, endedAt: at, end: null, text: '' };
      runs.push(open);
    } else if (open === null) misplaced.push(id);
    else if (event.type === 'TEXT_MESSAGE_CONTENT') open.text += event.delta;
    else if (event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR') {
      open.end = endOf(event);
      open.endedAt = at;
      open = null;
    }
  }
  return { runs, misplaced };
}

function endOf(event: Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>): string {
  if (event.type === 'RUN_ERROR') return event.code ?? 'unknown';
  return event.outcome?.type ?? 'success';
}
