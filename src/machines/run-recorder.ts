/** Writes runs into a conversation's journal as AG-UI has them: begun, Claude's words, ended. */
import type { ClaudeInput } from '../claude/facts.ts';
import type { TurnUsage } from '../claude/message.ts';
import { FAULTS, type FaultCode } from '../faults.ts';
import type { PageBounds } from '../store/history.ts';
import type { Journal } from '../store/journal.ts';
import type { Spending } from '../store/limits.ts';
import { type NewRow, type RunCommand, threadOf } from '../store/store.ts';
import { uploadUrl } from '../store/uploads.ts';
import type { RunTiming, TimedRun } from '../telemetry/run-meter.ts';
import type { AguiEvent, Interrupt, Message, Receipt, ResumeEntry } from '../transport/protocol.ts';
import type { MessagePage } from '../transport/views.ts';
import { costOf, tokenUsage } from './run-cost.ts';
import { RunLanes } from './run-lanes.ts';

/** A crash can leave words of any length; a person reads the first lines. */
const WORDS_MAX = 500;
/** A chunk is at most 64 KiB; this leaves room for its envelope. */
const INTERRUPTS_BYTES_MAX = 60 * 1024;

/** Room for the envelope of a chunk of 64 KiB. */
const SNAPSHOT: PageBounds = { messagesMax: 1_000, bytesMax: 56 * 1024, atLeastOne: false };
/** How chunks begin that are words, thoughts or tools of Claude's. */
const SPOKEN = /^\{"type":"(?:TEXT|REASONING|TOOL)_/;
/** How a chunk begins that takes messages back; see claude/to-agui.ts. */
const WITHDRAWN = '{"type":"CUSTOM","name":"withdrawn"';

type UserContent = Extract<Message, { role: 'user' }>['content'];
export type RunIds = Pick<TimedRun, 'runId' | 'parentRunId'>;
export type Messages = (bounds: PageBounds) => Promise<MessagePage>;

/** What a run begins with: nothing, where Claude begins it by itself. */
export interface Given {
  readonly prompt?: Pick<RunCommand, 'text' | 'images'> | undefined;
  readonly resume?: ResumeEntry[] | undefined;
}

export class RunRecorder {
  readonly #journal: Journal;
  readonly #threadId: string;
  readonly #messages: Messages;
  readonly #epochNow: () => number;
  readonly #time: (run: RunIds) => RunTiming;
  #timing: RunTiming | null = null;
  /** When the open run was last written in, epoch ms; null: none is open. */
  heardAt: number | null = null;
  #runId: string | null = null;
  #words: string | null = null;
  /** Kept from run to run: a turn that Claude never heard of leaves it where it was. */
  #transcriptAt: string | null = null;
  /** What the run that ends next is charged. */
  spent: Spending | null = null;
  readonly #lanes = new RunLanes();
  /** Whole texts of results whose cut ones come next. */
  readonly #results = new Map<string, string>();

  /**
   * @param messages The conversation so far, as far as it is durable.
   * @param time Begins to time a run.
   */
  constructor(
    journal: Journal,
    messages: Messages,
    time: (run: RunIds) => RunTiming,
    epochNow: () => number = Date.now,
  ) {
    this.#journal = journal;
    this.#messages = messages;
    this.#time = time;
    this.#epochNow = epochNow;
    this.#threadId = threadOf(journal.lease.key);
  }

  get isOpen(): boolean {
    return this.#runId !== null;
  }

  /** @param given The user's prompt or answers, which every watcher so sees. */
  start(runId: string, parentRunId: string | null, given: Given): void {
    this.#runId = runId;
    this.#timing = this.#time({ runId, parentRunId });
    this.heardAt = this.#epochNow();
    const parent = parentRunId === null ? {} : { parentRunId };
    const { prompt = null, resume } = given;
    const user = { id: `u:${runId}`, role: 'user' as const };
    const messages = prompt === null ? [] : [{ ...user, content: contentOf(prompt) }];
    const ids = { threadId: this.#threadId, runId, ...parent };
    const input = { ...ids, messages, tools: [], context: [], ...(resume && { resume }) };
    this.#write(runId, { type: 'RUN_STARTED', ...ids, input }, 'runStarted');
    this.#journal.append(this.#rows(runId, this.#lanes.runStarted()));
  }

  /**
   * Claude's words, already encoded. They belong to the open run; without one they are dropped.
   * @returns False when Claude must wait until the journal has drained.
   */
  chunks(chunks: readonly string[]): boolean {
    const runId = this.#runId;
    if (runId === null) return this.#drop(chunks);
    let [rows, hasSpoken]: [NewRow[], boolean] = [[], false];
    for (const chunk of chunks) {
      if (!this.#lanes.admits(chunk)) continue;
      hasSpoken ||= SPOKEN.test(chunk);
      rows.push(this.#row(runId, chunk));
      if (!chunk.startsWith(WITHDRAWN)) continue;
      this.#journal.append(rows);
      this.#journal.appendLater(() => this.#snapshot(runId));
      rows = [];
    }
    this.heardAt = this.#epochNow();
    if (hasSpoken) this.#timing?.heard();
    return this.#journal.append(rows);
  }

  /** The whole of a result, of which a chunk that is still to come holds the beginning. */
  result(toolCallId: string, text: string): void {
    this.#results.set(toolCallId, text);
  }

  /** The CLI's own words about an error: shown with the fault that the run ends with. */
  words(words: string): void {
    this.#words = words.slice(0, WORDS_MAX).toWellFormed();
  }

  /** How far the CLI's transcript has come. */
  reached(uuid: string): void {
    this.#transcriptAt = uuid;
  }

  /** Why it is stopped before its end. */
  receipt(runId: string, receipt: Receipt): void {
    this.#journal.append(this.#rows(runId, [{ type: 'CUSTOM', name: 'receipt', value: receipt }]));
  }

  finish(runId: string, how: 'done' | 'cancelled', usage: TurnUsage | null): void {
    this.#timing?.ended(how, usage);
    const outcome = how === 'done' ? { type: 'success' as const } : { type: 'cancelled' as const };
    const cost = costOf(usage);
    this.#end(runId, { type: 'RUN_FINISHED', threadId: this.#threadId, runId, outcome, ...cost });
  }

  /** A request too large for a chunk is shown without its input, which the tool call's own frames hold. */
  block(runId: string, asked: Interrupt[], usage: TurnUsage | null): void {
    this.#timing?.ended('blocked', usage);
    const share = INTERRUPTS_BYTES_MAX / asked.length;
    const interrupts = asked.map((interrupt) => withinBytes(interrupt, share));
    const outcome = { type: 'interrupt' as const, interrupts };
    const cost = costOf(usage);
    this.#end(runId, { type: 'RUN_FINISHED', threadId: this.#threadId, runId, outcome, ...cost });
  }

  fail(runId: string, fault: FaultCode, usage: TurnUsage | null): void {
    this.#timing?.ended(fault, usage);
    const say = FAULTS[fault].say;
    const message = this.#words === null ? say : `${say} ${this.#words}`;
    const cost = usage === null ? {} : { usage: [tokenUsage(usage)] };
    this.#end(runId, { type: 'RUN_ERROR', message, code: fault, ...cost });
  }

  /**
   * Clients that do not know `withdrawn` put these messages in place of theirs; so it is all of them or none: a
   * conversation that does not fit in a chunk goes without.
   */
  async #snapshot(runId: string): Promise<NewRow | null> {
    const { messages, before } = await this.#messages(SNAPSHOT);
    if (before !== null) return null;
    return { runId, chunk: JSON.stringify({ type: 'MESSAGES_SNAPSHOT', messages }) };
  }

  #end(runId: string, event: AguiEvent): void {
    this.#journal.append(this.#rows(runId, this.#lanes.runEnding()));
    this.#write(runId, event, 'runEnded');
    this.#runId = null;
    this.#timing = null;
    this.heardAt = null;
    this.#words = null;
  }

  #rows(runId: string, events: readonly AguiEvent[]): NewRow[] {
    const timestamp = this.#epochNow();
    return events.map((event) => ({ runId, chunk: JSON.stringify({ ...event, timestamp }) }));
  }

  /** The subagents among them are at work all the same. */
  #drop(chunks: readonly string[]): true {
    for (const chunk of chunks) this.#lanes.admits(chunk);
    this.#results.clear();
    return true;
  }

  #row(runId: string, chunk: string): NewRow {
    const row = { runId, chunk };
    if (this.#results.size === 0 || !chunk.startsWith('{"type":"TOOL_CALL_RESULT"')) return row;
    const { toolCallId } = JSON.parse(chunk) as { toolCallId: string };
    const text = this.#results.get(toolCallId);
    this.#results.delete(toolCallId);
    return text === undefined ? row : { ...row, result: { toolCallId, text } };
  }

  #write(runId: string, event: AguiEvent, marks: 'runStarted' | 'runEnded'): void {
    const at = marks === 'runEnded' ? this.#transcriptAt : null;
    const spent = marks === 'runEnded' ? this.spent : null;
    const row = {
      ...{ runId, chunk: JSON.stringify({ ...event, timestamp: this.#epochNow() }), marks },
      ...(at !== null && { transcriptAt: at }),
      ...(spent !== null && { spent }),
    };
    this.#journal.append([row], 'sync');
  }
}

/** Images are named, and never among the frames themselves. */
function contentOf({ text, images }: Pick<RunCommand, 'text' | 'images'>): UserContent {
  if (!images) return text;
  const shown = images.map((id) => ({
    type: 'image' as const,
    source: { type: 'url' as const, value: uploadUrl(id) },
  }));
  return text === '' ? shown : [...shown, { type: 'text', text }];
}

function withinBytes(interrupt: Interrupt, bytesMax: number): Interrupt {
  if (Buffer.byteLength(JSON.stringify(interrupt)) <= bytesMax) return interrupt;
  const { kind, toolName } = interrupt.metadata ?? {};
  const { message: _, ...rest } = interrupt;
  return { ...rest, metadata: { kind, toolName, input: {}, suggestions: [], truncated: true } };
}

/** Block ids that no earlier process of the conversation gave: each block has at least one row. */
export function blockIds(journal: Journal): ClaudeInput['nextBlockId'] {
  let last = journal.lease.head?.seq ?? 0;
  return () => {
    last += 1;
    return `m${last}`;
  };
}
