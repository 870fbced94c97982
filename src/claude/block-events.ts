/** A content block as AG-UI events: begun, said, ended; `subagentRunId` where it is a subagent's. */
import type { AguiEvent } from '../transport/protocol.ts';

export interface ShownBlock {
  readonly id: string;
  readonly type: 'text' | 'thinking' | 'tool_use' | 'other';
  readonly toolCallId: string;
  readonly toolCallName: string;
  readonly subagentRunId: string | null;
}

export function start(block: ShownBlock): AguiEvent[] {
  const { id, type, toolCallId, toolCallName } = block;
  const of = ownerOf(block);
  switch (type) {
    case 'text':
      return [{ type: 'TEXT_MESSAGE_START', messageId: id, role: 'assistant', ...of }];
    case 'thinking':
      return [
        { type: 'REASONING_START', messageId: id, ...of },
        { type: 'REASONING_MESSAGE_START', messageId: id, role: 'reasoning', ...of },
      ];
    case 'tool_use':
      return [{ type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId: id, ...of }];
    case 'other':
      return [];
  }
}

export function content(block: ShownBlock, delta: string): AguiEvent[] {
  const { id, type, toolCallId } = block;
  const of = ownerOf(block);
  switch (type) {
    case 'text':
      return [{ type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta, ...of }];
    case 'thinking':
      return [{ type: 'REASONING_MESSAGE_CONTENT', messageId: id, delta, ...of }];
    case 'tool_use':
      return [{ type: 'TOOL_CALL_ARGS', toolCallId, delta, ...of }];
    case 'other':
      return [];
  }
}

export function end(block: ShownBlock): AguiEvent[] {
  const { id, type, toolCallId } = block;
  const of = ownerOf(block);
  switch (type) {
    case 'text':
      return [{ type: 'TEXT_MESSAGE_END', messageId: id, ...of }];
    case 'thinking':
      return [
        { type: 'REASONING_MESSAGE_END', messageId: id, ...of },
        { type: 'REASONING_END', messageId: id, ...of },
      ];
    case 'tool_use':
      return [{ type: 'TOOL_CALL_END', toolCallId, ...of }];
    case 'other':
      return [];
  }
}

function ownerOf({ subagentRunId }: ShownBlock): { subagentRunId?: string } {
  return subagentRunId === null ? {} : { subagentRunId };
}
