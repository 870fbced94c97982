/**
 * What Claude says, as AG-UI 1.0 events. No I/O and no clock: the same messages give the same events.
 *
 * Block ids are ours (`m1`, `m2`, …: short, because every frame repeats one). A block that was streamed is
 * confirmed by the `assistant` line that holds its full text; the k-th such line of a message is its k-th
 * block. Blocks not confirmed when the API call starts again are withdrawn.
 */
import type { AguiEvent } from '../transport/protocol.ts';
import type { Block, ClaudeMessage, ToolResult } from './message.ts';

/** The encoded chunk may be 64 KiB; this leaves room for its envelope. */
const RESULT_BYTES_MAX = 60 * 1024;

interface StreamedBlock {
  id: string;
  readonly type: 'text' | 'thinking' | 'tool_use' | 'other';
  readonly toolCallId: string;
  readonly toolCallName: string;
  /** UTF-16 units sent so far. */
  streamed: number;
  /** `cut`: closed before its time, because a question had to be shown; more of it may come. */
  state: 'open' | 'cut' | 'closed';
  confirmed: boolean;
}

export class Translator {
  readonly #nextId: () => string;
  #messageId = '';
  #blocks: StreamedBlock[] = [];
  #assistantLines = 0;

  /** @param nextId Block ids, unique in the conversation. */
  constructor(nextId: () => string) {
    this.#nextId = nextId;
  }

  translate(message: ClaudeMessage): AguiEvent[] {
    switch (message.kind) {
      case 'delta':
        return this.#delta(message.index, message.text);
      case 'messageStart':
        return this.#messageStart(message.messageId);
      case 'blockStart':
        return this.#blockStart(message.index, message.block);
      case 'blockStop':
        return this.#close(this.#blocks[message.index]);
      case 'assistant':
        return message.parentToolUseId === null
          ? this.#assistant(message.messageId, message.blocks)
          : [];
      case 'toolResults':
        return message.parentToolUseId === null ? message.results.map(toolResult) : [];
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
      case 'notice':
        return [custom(`claude.${message.subtype}`, message.value)];
      default:
        return [];
    }
  }

  /** The turn, or the process, has ended: what was written stays, confirmed or not. */
  endTurn(): AguiEvent[] {
    const events = this.closeOpen();
    this.#messageId = '';
    this.#blocks = [];
    return events;
  }

  /** Ends what is open, before an approval is shown; more of it may come in the run that follows. */
  closeOpen(): AguiEvent[] {
    return this.#blocks.flatMap((block) => {
      if (block.state !== 'open') return [];
      block.state = 'cut';
      return end(block);
    });
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

  #newBlock(block: Block): StreamedBlock {
    const { id: toolCallId, name: toolCallName } =
      block.type === 'tool_use' ? block : { id: '', name: '' };
    return {
      id: this.#nextId(),
      type: block.type,
      toolCallId,
      toolCallName,
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

  /** A block that never streamed: the API's non-streaming fallback, or the CLI's own words. */
  #whole(block: Block): AguiEvent[] {
    const streamed = this.#newBlock(block);
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

function start({ id, type, toolCallId, toolCallName }: StreamedBlock): AguiEvent[] {
  switch (type) {
    case 'text':
      return [{ type: 'TEXT_MESSAGE_START', messageId: id, role: 'assistant' }];
    case 'thinking':
      return [
        { type: 'REASONING_START', messageId: id },
        { type: 'REASONING_MESSAGE_START', messageId: id, role: 'reasoning' },
      ];
    case 'tool_use':
      return [{ type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId: id }];
    case 'other':
      return [];
  }
}

function content({ id, type, toolCallId }: StreamedBlock, delta: string): AguiEvent[] {
  switch (type) {
    case 'text':
      return [{ type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta }];
    case 'thinking':
      return [{ type: 'REASONING_MESSAGE_CONTENT', messageId: id, delta }];
    case 'tool_use':
      return [{ type: 'TOOL_CALL_ARGS', toolCallId, delta }];
    case 'other':
      return [];
  }
}

function end({ id, type, toolCallId }: StreamedBlock): AguiEvent[] {
  switch (type) {
    case 'text':
      return [{ type: 'TEXT_MESSAGE_END', messageId: id }];
    case 'thinking':
      return [
        { type: 'REASONING_MESSAGE_END', messageId: id },
        { type: 'REASONING_END', messageId: id },
      ];
    case 'tool_use':
      return [{ type: 'TOOL_CALL_END', toolCallId }];
    case 'other':
      return [];
  }
}

function toolResult({ toolUseId, text, isError }: ToolResult): AguiEvent {
  const shown = cut(text, RESULT_BYTES_MAX);
  const metadata = {
    ...(isError && { isError: true }),
    ...(shown !== text && { truncated: true, length: text.length }),
  };
  return {
    type: 'TOOL_CALL_RESULT',
    messageId: `r:${toolUseId}`,
    toolCallId: toolUseId,
    role: 'tool',
    content: shown,
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}

/** The longest half, quarter, … of `text` whose JSON stays within `bytesMax`; never half a surrogate pair. */
function cut(text: string, bytesMax: number): string {
  let shown = text;
  while (Buffer.byteLength(JSON.stringify(shown)) > bytesMax) {
    shown = shown.slice(0, Math.min(bytesMax, Math.floor(shown.length / 2))).toWellFormed();
  }
  return shown;
}

function custom(name: string, value: Record<string, unknown>): AguiEvent {
  return { type: 'CUSTOM', name, value };
}
