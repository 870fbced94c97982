/** How a run ends whose server, or whose journal, was gone before it: with what it had, and never run again. */
import { FAULTS } from '../faults.ts';
import type { NewRow } from './store.ts';

const CHUNK = JSON.stringify({
  type: 'RUN_ERROR',
  message: FAULTS.interrupted.say,
  code: 'interrupted',
});

export function interrupted(runId: string): NewRow {
  return { runId, chunk: CHUNK, marks: 'runEnded' };
}
