/**
 * Subagents as lanes of the conversation, each named by the tool call that began it. A lane ends when the CLI
 * says that the subagent did; one the CLI never announced ends with its tool call's result.
 */
import type { AguiEvent } from '../transport/protocol.ts';
import type { SubagentEnd, SubagentStart } from './message.ts';

/** Ended lanes whose late lines are still known for theirs; the oldest are forgotten. */
const ENDED_MAX = 100;

export class Subagents {
  readonly #active = new Map<string, SubagentStart>();
  readonly #ended = new Set<string>();

  get anyActive(): boolean {
    return this.#active.size > 0;
  }

  start(lane: SubagentStart): AguiEvent[] {
    const { toolUseId, name, description } = lane;
    const known = this.#active.get(toolUseId);
    this.#active.set(toolUseId, lane);
    if (known) return [];
    return [
      {
        type: 'SUBAGENT_STARTED',
        subagentRunId: toolUseId,
        name,
        ...(description !== null && { description }),
        parentToolCallId: toolUseId,
      },
    ];
  }

  /** A line of it was read: it has begun, announced or not. */
  speaks(toolUseId: string, name: string | null): AguiEvent[] {
    if (this.#active.has(toolUseId) || this.#ended.has(toolUseId)) return [];
    return this.start({
      toolUseId,
      name: name ?? 'subagent',
      description: null,
      isBackground: false,
    });
  }

  end({ toolUseId, how, summary }: SubagentEnd): AguiEvent[] {
    if (!this.#active.delete(toolUseId)) return [];
    this.#remember(toolUseId);
    const subagentRunId = toolUseId;
    if (how === 'completed') return [{ type: 'SUBAGENT_FINISHED', subagentRunId }];
    const message = how === 'failed' ? summary || 'It failed.' : 'It was stopped.';
    return [{ type: 'SUBAGENT_ERROR', subagentRunId, message, code: how }];
  }

  /** The tool call that began it has its result. One in the background goes on. */
  answered(toolUseId: string, isError: boolean, text: string): AguiEvent[] {
    if (this.#active.get(toolUseId)?.isBackground !== false) return [];
    return this.end({ toolUseId, how: isError ? 'failed' : 'completed', summary: text });
  }

  /** Their process has gone. */
  endAll(): AguiEvent[] {
    return [...this.#active.keys()].flatMap((toolUseId) =>
      this.end({ toolUseId, how: 'stopped', summary: '' }),
    );
  }

  #remember(toolUseId: string): void {
    this.#ended.add(toolUseId);
    const [oldest] = this.#ended;
    if (this.#ended.size > ENDED_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }
}
