/**
 * What Claude says, as AG-UI 1.0 events. No I/O and no clock: the same messages give the same events.
 *
 * Block ids are ours (`m1`, `m2`, …: short, because every frame repeats one). A block that was streamed is
 * confirmed by the `assistant` line that holds its full text; the k-th such line of a message is its k-th
 * block. Blocks not confirmed when the API call starts again are withdrawn.
 */
import type { AguiEvent } from '../transport/protocol.ts';
import { content, end, type ShownBlock, start } from './block-events.ts';
import type { Block, ClaudeMessage, Speaker, ToolResult } from './message.ts';
import { OutputTokens } from './output-tokens.ts';
import { Subagents } from './subagents.ts';
import { shownResult } from './tool-result.ts';

interface StreamedBlock extends ShownBlock {
  id: string;
  /** UTF-16 units sent so far. */
  streamed: number;
  /** `cut`: closed before its time, because a question had to be shown; more of it may come. */
  state: 'open' | 'cut' | 'closed';
  confirmed: boolean;
}

export class Translator {
  readonly #nextId: () => string;
  readonly #keep: (toolCallId: string, text: string) => void;
  readonly #subagents = new Subagents();
  readonly #output = new OutputTokens();
  #isCompacting = false;
  #messageId = '';
  #blocks: StreamedBlock[] = [];
  #assistantLines = 0;

  /**
   * @param nextId Block ids, unique in the conversation.
   * @param keep Takes the whole of a result of which the event that follows holds the beginning.
   */
  constructor(nextId: () => string, keep: (toolCallId: string, text: string) => void) {
    this.#nextId = nextId;
    this.#keep = keep;
  }

  /** Subagents are at work. */
  get isDelegating(): boolean {
    return this.#subagents.anyActive;
  }

  translate(message: ClaudeMessage): AguiEvent[] {
    switch (message.kind) {
      case 'delta':
        return this.#delta(message.index, message.text);
      case 'messageStart':
        this.#output.note(message);
        return this.#messageStart(message.messageId);
      case 'messageUsage': {
        const outputTokens = this.#output.note(message);
        return outputTokens === null ? [] : [custom('claude.usage', { outputTokens })];
      }
      case 'blockStart':
        return this.#blockStart(message.index, message.block);
      case 'blockStop':
        return this.#close(this.#blocks[message.index]);
      case 'assistant':
        return message.parentToolUseId === null
          ? this.#assistant(message.messageId, message.blocks)
          : this.#inSubagent(message, (id) => message.blocks.flatMap((b) => this.#whole(b, id)));
      case 'toolResults':
        return message.parentToolUseId === null
          ? this.#results(message.results, null)
          : this.#inSubagent(message, (id) => this.#results(message.results, id));
      case 'subagentStarted':
        return this.#subagents.start(message);
      case 'subagentEnded':
        return this.#subagents.end(message);
      case 'init': {
        const { model, permissionMode, version, tools } = message;
        return [custom('claude.init', { model, permissionMode, version, tools })];
      }
      case 'retry': {
        const { attempt, maxRetries, delayMs, status } = message;
        return [
          ...this.#withdraw(),
          custom('claude.api_retry', { attempt, maxRetries, delayMs, status }),
        ];
      }
      case 'compacting':
        return this.#compacting(message.on);
      case 'request':
        return message.isOut ? this.#compacting(false) : [];
      case 'notice':
        return [custom(`claude.${message.name}`, message.value)];
      default:
        return [];
    }
  }

  /** The turn, or the process, has ended: what was written stays, confirmed or not. */
  endTurn(): AguiEvent[] {
    const events = this.closeOpen();
    this.#messageId = '';
    this.#blocks = [];
    this.#output.reset();
    return events;
  }

  /** The process has gone, and its subagents with it. */
  endProcess(): AguiEvent[] {
    return [...this.endTurn(), ...this.#subagents.endAll()];
  }

  /** Ends what is open, before an approval is shown; more of it may come in the run that follows. */
  closeOpen(): AguiEvent[] {
    return this.#blocks.flatMap((block) => {
      if (block.state !== 'open') return [];
      block.state = 'cut';
      return end(block);
    });
  }

  #inSubagent(
    { parentToolUseId, subagentName }: Speaker,
    say: (subagentRunId: string) => AguiEvent[],
  ): AguiEvent[] {
    const id = parentToolUseId ?? '';
    return [...this.#subagents.speaks(id, subagentName), ...say(id)];
  }

  #results(results: readonly ToolResult[], subagentRunId: string | null): AguiEvent[] {
    return results.flatMap((result) => {
      const { event, full } = shownResult(result, subagentRunId);
      if (full !== null) this.#keep(result.toolUseId, full);
      return [
        ...this.#subagents.answered(result.toolUseId, result.isError, result.text.slice(0, 2_000)),
        event,
      ];
    });
  }

  /** A status of another kind says that it is over, but nothing where there was none. */
  #compacting(on: boolean): AguiEvent[] {
    if (on === this.#isCompacting) return [];
    this.#isCompacting = on;
    return [custom('claude.status', { status: on ? 'compacting' : null })];
  }

  #messageStart(messageId: string): AguiEvent[] {
    const events = this.#withdraw();
    this.#messageId = messageId;
    this.#blocks = [];
    this.#assistantLines = 0;
    return events;
  }

  #blockStart(index: number, block: Block): AguiEvent[] {
    const streamed = this.#newBlock(block);
    this.#blocks[index] = streamed;
    return start(streamed);
  }

  #newBlock(block: Block, subagentRunId: string | null = null): StreamedBlock {
    const { id: toolCallId, name: toolCallName } =
      block.type === 'tool_use' ? block : { id: '', name: '' };
    return {
      id: this.#nextId(),
      type: block.type,
      toolCallId,
      toolCallName,
      subagentRunId,
      streamed: 0,
      state: 'open',
      confirmed: false,
    };
  }

  #delta(index: number, text: string): AguiEvent[] {
    const block = this.#blocks[index];
    if (!block || block.state === 'closed' || text === '') return [];
    block.streamed += text.length;
    return [...this.#reopen(block), ...content(block, text)];
  }

  /** A tool call goes on under its own id; a text goes on in a block of its own, in the run that follows. */
  #reopen(block: StreamedBlock): AguiEvent[] {
    if (block.state === 'open') return [];
    block.state = 'open';
    if (block.type !== 'tool_use') block.id = this.#nextId();
    return start(block);
  }

  #assistant(messageId: string, blocks: readonly Block[]): AguiEvent[] {
    if (messageId !== this.#messageId) {
      // The CLI gave up streaming this answer and tells all of it, or says something itself.
      return [...this.#withdraw(), ...blocks.flatMap((block) => this.#whole(block))];
    }
    return blocks.flatMap((block) => {
      const streamed = this.#blocks[this.#assistantLines++];
      if (!streamed) return this.#whole(block);
      streamed.confirmed = true;
      return this.#complete(streamed, block);
    });
  }

  /** The full text is the authority: what was not streamed of it is added. */
  #complete(streamed: StreamedBlock, block: Block): AguiEvent[] {
    if (streamed.state === 'closed' || (block.type !== 'text' && block.type !== 'thinking'))
      return [];
    const missing = block.text.slice(streamed.streamed);
    streamed.streamed += missing.length;
    return missing === '' ? [] : [...this.#reopen(streamed), ...content(streamed, missing)];
  }

  /** A block that never streams: a subagent's, the API's non-streaming fallback's, the CLI's own words. */
  #whole(block: Block, subagentRunId: string | null = null): AguiEvent[] {
    const streamed = this.#newBlock(block, subagentRunId);
    const text =
      block.type === 'tool_use' ? JSON.stringify(block.input) : 'text' in block ? block.text : '';
    if (text === '') return [];
    return [...start(streamed), ...content(streamed, text), ...this.#close(streamed)];
  }

  #close(block: StreamedBlock | undefined): AguiEvent[] {
    if (!block || block.state === 'closed') return [];
    const wasOpen = block.state === 'open';
    block.state = 'closed';
    return wasOpen ? end(block) : [];
  }

  #withdraw(): AguiEvent[] {
    const lost = this.#blocks.filter((block) => !block.confirmed && block.type !== 'other');
    const events = lost.flatMap((block) => this.#close(block));
    this.#blocks = [];
    if (lost.length > 0) events.push(custom('withdrawn', { messageIds: lost.map(({ id }) => id) }));
    return events;
  }
}

function custom(name: string, value: Record<string, unknown>): AguiEvent {
  return { type: 'CUSTOM', name, value };
}
