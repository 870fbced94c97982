/**
 * What is written to the CLI, and when: its requests one by one, a prompt once its images are read, and an
 * interrupt again until the turn has heard it.
 */
import { CONTEXT_REQUEST } from './context-fill.ts';
import type { ClaudeDesk } from './facts.ts';
import { answerLine, promptLine, refusalLine, requestLine, titleRequest } from './lines-in.ts';

export interface ToClaudeParts {
  readonly desk: ClaudeDesk;
  readonly newUuid: () => string;
  readonly write: (line: object) => void;
  /** The images could not be read: the prompt was not written. */
  readonly onError: (error: unknown) => void;
}

export class ToClaude {
  readonly readyId: string;
  readonly titleId: string;
  /** Of the last request of its kind. */
  contextId = '';
  readonly #parts: ToClaudeParts;
  /** The prompt whose images are being read; null: all are written. */
  #reading: Promise<void> | null = null;
  /** The turn is to end, and has not. */
  #interrupting = false;

  constructor(parts: ToClaudeParts) {
    this.#parts = parts;
    this.readyId = parts.newUuid();
    this.titleId = parts.newUuid();
  }

  /** Nothing is printed before the first line in: the reply to this one is the sign of readiness. */
  initialize(): void {
    this.#request({ subtype: 'initialize' }, this.readyId);
  }

  /**
   * One at a time: the CLI has one turn. At once where there are no images.
   * @param seed What its session must be told first; null: nothing.
   * @returns The UUID under which the CLI's transcript keeps it.
   */
  prompt(runId: string, seed: string | null): string {
    const { desk, write, onError, newUuid } = this.#parts;
    this.#interrupting = false;
    const uuid = newUuid();
    const prompt = { text: desk.promptText(runId), seed, isExpanded: desk.isExpanded(runId) };
    const images = desk.promptImages(runId);
    if (images === null) write(promptLine({ ...prompt, images: [] }, uuid));
    else
      this.#reading = images
        .then((read) => write(promptLine({ ...prompt, images: read }, uuid)))
        .catch(onError)
        .finally(() => {
          this.#reading = null;
        });
    const untitled = desk.takeUntitled(runId);
    if (untitled) this.#request(titleRequest(untitled), this.titleId);
    return uuid;
  }

  answer(requestId: string): void {
    this.#parts.write(answerLine(requestId, this.#parts.desk.takeAnswer(requestId)));
  }

  /** Without an answer the CLI would wait for ever. */
  refuse(requestId: string): void {
    this.#parts.write(refusalLine(requestId));
  }

  /** Not before the prompt that it is to stop. */
  interrupt(): void {
    this.#interrupting = true;
    const tell = () => this.#request({ subtype: 'interrupt' });
    if (this.#reading === null) tell();
    else void this.#reading.then(tell);
  }

  /** The CLI takes an interrupt before the turn has begun for one between turns: it is told again. */
  interruptAgain(): void {
    if (this.#interrupting) this.interrupt();
  }

  turnEnded(): void {
    this.#interrupting = false;
  }

  askContext(): void {
    this.contextId = this.#parts.newUuid();
    this.#request(CONTEXT_REQUEST, this.contextId);
  }

  #request(request: Parameters<typeof requestLine>[1], id = this.#parts.newUuid()): void {
    this.#parts.write(requestLine(id, request));
  }
}
