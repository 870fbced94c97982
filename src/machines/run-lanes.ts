/**
 * Subagents as AG-UI has them: they begin and end inside one run. One that goes on beyond a run's end is told as
 * suspended there, and as begun again in the next.
 */
import type { AguiEvent } from '../transport/protocol.ts';

type Started = Extract<AguiEvent, { type: 'SUBAGENT_STARTED' }>;

export class RunLanes {
  readonly #active = new Map<string, Started>();
  /** Told as ended in this run, where none may begin twice. */
  readonly #ended = new Set<string>();

  /** What is told of the subagents that are at work when a run begins. */
  runStarted(): AguiEvent[] {
    this.#ended.clear();
    return [...this.#active.values()];
  }

  /** What is told of them when it ends. */
  runEnding(): AguiEvent[] {
    return [...this.#active.keys()]
      .filter((id) => !this.#ended.has(id))
      .map((subagentRunId) => ({
        type: 'SUBAGENT_FINISHED',
        subagentRunId,
        outcome: { type: 'suspended' },
      }));
  }

  /** Takes note of one encoded event; false: it would be told out of place. */
  admits(chunk: string): boolean {
    // Chunks are written by us with their type first.
    if (!chunk.startsWith('{"type":"SUBAGENT_')) return true;
    const event = JSON.parse(chunk) as AguiEvent;
    if (event.type === 'SUBAGENT_STARTED') return this.#begin(event);
    if (event.type === 'SUBAGENT_FINISHED' || event.type === 'SUBAGENT_ERROR')
      return this.#end(event.subagentRunId);
    return true;
  }

  #begin(event: Started): boolean {
    const id = event.subagentRunId;
    const isNew = !this.#active.has(id) && !this.#ended.has(id);
    this.#active.set(id, event);
    return isNew;
  }

  #end(id: string): boolean {
    const isTold = this.#active.delete(id) && !this.#ended.has(id);
    this.#ended.add(id);
    return isTold;
  }
}
