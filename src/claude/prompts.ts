/** What is written to the CLI for a prompt, and when: its images are read first. */
import type { ClaudeDesk } from './facts.ts';
import { promptLine } from './lines-in.ts';

export interface PromptWriterParts {
  readonly desk: Pick<ClaudeDesk, 'promptText' | 'promptImages' | 'isExpanded'>;
  readonly write: (line: object) => void;
  /** The images could not be read: the prompt was not written. */
  readonly onError: (error: unknown) => void;
}

export class PromptWriter {
  readonly #parts: PromptWriterParts;
  /** The prompt whose images are being read; null: all are written. */
  #reading: Promise<void> | null = null;

  constructor(parts: PromptWriterParts) {
    this.#parts = parts;
  }

  /** One at a time: the CLI has one turn. At once where there are no images. */
  write(runId: string, { seed, uuid }: { seed: string | null; uuid: string }): void {
    const { desk, write, onError } = this.#parts;
    const prompt = { text: desk.promptText(runId), seed, isExpanded: desk.isExpanded(runId) };
    const images = desk.promptImages(runId);
    if (images === null) return write(promptLine({ ...prompt, images: [] }, uuid));
    this.#reading = images
      .then((read) => write(promptLine({ ...prompt, images: read }, uuid)))
      .catch(onError)
      .finally(() => {
        this.#reading = null;
      });
  }

  /** Does what must not come before the prompt: stopping it. */
  afterwards(work: () => void): void {
    if (this.#reading === null) work();
    else void this.#reading.then(work);
  }
}
