/** Replays a recording through the parser and the translator, and cuts it into runs as a conversation does. */
import type { Block } from '../../src/claude/message.ts';
import { parseLine } from '../../src/claude/stream-json.ts';
import { Translator } from '../../src/claude/to-agui.ts';
import { RunLanes } from '../../src/machines/run-lanes.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';
import type { Recording } from '../support/recordings.ts';

export interface ReplayedRun {
  readonly events: readonly AguiEvent[];
  /** `cut`: the recording stopped, as a process does that is killed. */
  readonly end: 'result' | 'question' | 'cut';
  /** The blocks that the CLI itself, in its `assistant` lines, says this part of the answer consists of. */
  readonly stated: readonly Block[];
}

export function replay(recording: Recording): ReplayedRun[] {
  let blocks = 0;
  const translator = new Translator(
    () => `m${++blocks}`,
    () => {},
  );
  const lanes = new RunLanes();
  const runs: ReplayedRun[] = [];
  let open: AguiEvent[] | null = null;
  let stated: Block[] = [];

  const begin = () => {
    const runId = `run-${runs.length + 1}`;
    open ??= [{ type: 'RUN_STARTED', threadId: 'thread', runId }, ...lanes.runStarted()];
    return open;
  };
  const write = (events: readonly AguiEvent[]) => {
    if (events.length === 0) return;
    const run = begin();
    run.push(...events.filter((event) => lanes.admits(JSON.stringify(event))));
  };
  const end = (how: ReplayedRun['end'], last: AguiEvent) => {
    const events = begin();
    events.push(...translator.closeOpen(), ...lanes.runEnding(), last);
    runs.push({ events, end: how, stated });
    open = null;
    stated = [];
  };
  const ids = () => ({ threadId: 'thread', runId: `run-${runs.length + 1}` });

  for (const step of recording.steps) {
    if (step.dir === 'in') {
      if (step.message !== 'eof' && step.message.type !== 'control_request') begin();
      continue;
    }
    const message = parseLine(step.line);
    if (message.kind === 'asks') {
      const interrupts = [{ id: message.requestId, reason: 'approval_required' }];
      const outcome = { type: 'interrupt' as const, interrupts };
      end('question', { type: 'RUN_FINISHED', ...ids(), outcome });
    } else if (message.kind === 'result') {
      const failed = { type: 'RUN_ERROR' as const, message: 'failed', code: 'claude.failed' };
      end('result', message.isError ? failed : { type: 'RUN_FINISHED', ...ids() });
    } else {
      if (message.kind === 'assistant') stated.push(...message.blocks);
      write(translator.translate(message));
    }
  }
  if (open) end('cut', { type: 'RUN_ERROR', message: 'gone', code: 'claude.crashed' });
  return runs;
}

export interface ShownBlock {
  readonly of: 'text' | 'thinking' | 'input';
  readonly content: string;
}

/** What a reader has on screen after these events: every block with content, in order, without those withdrawn. */
export function shownBlocks(events: readonly AguiEvent[]): ShownBlock[] {
  const shown = new Map<string, { of: ShownBlock['of']; content: string }>();
  const toolOfMessage = new Map<string, string>();
  for (const event of events) {
    switch (event.type) {
      case 'TEXT_MESSAGE_START':
        shown.set(event.messageId, { of: 'text', content: '' });
        break;
      case 'REASONING_START':
        shown.set(event.messageId, { of: 'thinking', content: '' });
        break;
      case 'TOOL_CALL_START':
        shown.set(event.toolCallId, { of: 'input', content: '' });
        toolOfMessage.set(event.parentMessageId ?? '', event.toolCallId);
        break;
      case 'TEXT_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_CONTENT':
        add(shown, event.messageId, event.delta);
        break;
      case 'TOOL_CALL_ARGS':
        add(shown, event.toolCallId, event.delta);
        break;
      case 'CUSTOM':
        if (event.name !== 'withdrawn') break;
        for (const id of (event.value as { messageIds: string[] }).messageIds) {
          if (!shown.delete(id)) shown.delete(toolOfMessage.get(id) ?? '');
        }
        break;
    }
  }
  return [...shown.values()].filter(({ of, content }) => of === 'input' || content !== '');
}

function add(shown: Map<string, { content: string }>, id: string, delta: string): void {
  const block = shown.get(id);
  if (!block) throw new Error(`a delta for block ${id}, which was never begun`);
  block.content += delta;
}

/** The same for blocks as the CLI states them. */
export function asShown(blocks: readonly Block[]): ShownBlock[] {
  return blocks.flatMap((block): ShownBlock[] => {
    if (block.type === 'tool_use') return [{ of: 'input', content: JSON.stringify(block.input) }];
    return block.type === 'other' || block.text === ''
      ? []
      : [{ of: block.type, content: block.text }];
  });
}
