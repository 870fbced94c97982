/** What is written to the CLI for a prompt, and when: its images are read first. */
import type { ClaudeDesk } from './facts.ts';

/** An image as the desk hands it out. */
export interface PromptImage {
  /** `image/png`, … */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface PromptWriterParts {
  readonly desk: Pick<ClaudeDesk, 'promptText' | 'promptImages'>;
  readonly newUuid: () => string;
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
  write(runId: string): void {
    const { desk, newUuid, write, onError } = this.#parts;
    const text = desk.promptText(runId);
    const images = desk.promptImages(runId);
    if (images === null) return write(promptLine(text, [], newUuid()));
    this.#reading = images
      .then((read) => write(promptLine(text, read, newUuid())))
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

/** Images first, as the API's own guide has it, then the text where there is any. */
function promptLine(text: string, images: readonly PromptImage[], uuid: string): object {
  const words = text === '' ? [] : [{ type: 'text', text }];
  const content = images.length === 0 ? text : [...images.map(imageBlock), ...words];
  return {
    type: 'user',
    message: { role: 'user', content },
    parent_tool_use_id: null,
    // Text as written: no slash command is run and no @path is read for a web user (CLI 2.1.330).
    client_composed: true,
    uuid,
  };
}

function imageBlock({ type, bytes }: PromptImage): object {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return { type: 'image', source: { type: 'base64', media_type: type, data } };
}
