/** Claude's words on their way out: translated, paced, encoded. */
import type { AguiEvent } from '../transport/protocol.ts';
import type { ClaudeEmitted, ClaudeInput } from './facts.ts';
import type { ClaudeMessage, Speaker } from './message.ts';
import { Pump } from './pump.ts';
import { Translator } from './to-agui.ts';

export class Narrator {
  /** The last line of the conversation itself that went in or came out; those of subagents are not its own. */
  reached: string | null = null;
  readonly #emit: (emitted: ClaudeEmitted) => void;
  readonly #translator: Translator;
  readonly #pump: Pump;
  /** Something was said between turns, and it is not known yet whether that was all. */
  #saidAside = false;

  constructor(
    { nextBlockId, clock }: Pick<ClaudeInput, 'nextBlockId' | 'clock'>,
    emit: (emitted: ClaudeEmitted) => void,
  ) {
    this.#emit = emit;
    this.#translator = new Translator(nextBlockId, (toolCallId, text) =>
      emit({ type: 'claude.result', toolCallId, text }),
    );
    this.#pump = new Pump((chunks) => emit({ type: 'claude.chunks', chunks }), clock);
  }

  /** Subagents are at work. */
  get isDelegating(): boolean {
    return this.#translator.isDelegating;
  }

  say(message: ClaudeMessage, inTurn: boolean): void {
    if (message.kind === 'assistant' || message.kind === 'toolResults') this.#noteReached(message);
    const events = this.#translator.translate(message);
    this.#saidAside ||= !inTurn && events.length > 0;
    this.#pump.push(events);
  }

  /**
   * Sends what was said as the pace allows.
   * @returns True when nothing tells any more that it was all: no turn runs, and no subagent is at work.
   */
  settle(inTurn: boolean): boolean {
    if (!this.#saidAside || inTurn || this.isDelegating) {
      this.#pump.settle();
      return false;
    }
    this.#saidAside = false;
    this.#pump.flush();
    return true;
  }

  pauseForQuestion(): void {
    this.#flush(this.#translator.closeOpen());
  }

  endTurn(): void {
    this.#flush(this.#translator.endTurn());
    this.#tellReached();
  }

  endProcess(): void {
    this.#flush(this.#translator.endProcess());
    this.#tellReached();
  }

  #noteReached({ uuid, parentToolUseId }: Speaker): void {
    if (parentToolUseId === null && uuid !== '') this.reached = uuid;
  }

  #tellReached(): void {
    if (this.reached !== null) this.#emit({ type: 'claude.reached', uuid: this.reached });
  }

  #flush(last: AguiEvent[]): void {
    this.#pump.push(last);
    this.#pump.flush();
  }
}
