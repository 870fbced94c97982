/** The prompts of one conversation, from their acceptance to the end of their run, in the order they will begin. */
import type { PromptImage } from '../claude/lines-in.ts';
import type { RunCommand } from '../store/store.ts';
import { uploadUrl } from '../store/uploads.ts';
import type { PendingItem } from '../transport/protocol.ts';

/** Prompts that may wait in one conversation. */
const QUEUE_MAX = 20;

export type Prompt = Pick<RunCommand, 'runId' | 'text' | 'images'>;

/** A prompt that waits, as its watchers see it. */
export function shownPrompt({ runId, text, images }: Prompt) {
  return { runId, text, ...(images && { images: images.map(uploadUrl) }) };
}

export interface PromptsParts {
  readonly readImages: (ids: readonly string[]) => Promise<readonly PromptImage[]>;
  /**
   * Resolves once all that was appended so far is durable, and never where it cannot be; null: Claude is given a
   * prompt at once, and not when its start is kept.
   */
  readonly kept: (() => Promise<void>) | null;
  /** Whether Claude is to find a title. Only the first prompt of a conversation names it. */
  readonly isUntitled: boolean;
}

export class Prompts {
  readonly #prompts = new Map<string, Prompt>();
  readonly #readImages: PromptsParts['readImages'];
  readonly #kept: PromptsParts['kept'];
  #isUntitled: boolean;
  /** Those that have not begun. */
  queue: readonly string[] = [];
  /** Of the first, among those that wait for the machine; null: it waits for what runs here. */
  #place: number | null = null;
  #told = '';

  constructor({ readImages, kept, isUntitled }: PromptsParts) {
    this.#readImages = readImages;
    this.#kept = kept;
    this.#isUntitled = isUntitled;
  }

  get isFull(): boolean {
    return this.queue.length >= QUEUE_MAX;
  }

  get(runId: string): Prompt | undefined {
    return this.#prompts.get(runId);
  }

  add({ runId, text, images }: Prompt): void {
    this.#prompts.set(runId, { runId, text, ...(images && { images }) });
  }

  forget(runId: string): void {
    this.#prompts.delete(runId);
  }

  /** Those that have not begun, the next one first. */
  get waiting(): Prompt[] {
    return this.queue.flatMap((runId) => this.#prompts.get(runId) ?? []);
  }

  /** @returns Whether what `pending` says has changed since the last time. */
  stand(place: number | null): boolean {
    this.#place = place;
    const told = this.queue.length === 0 ? '' : [place, ...this.queue].join();
    const hasChanged = told !== this.#told;
    this.#told = told;
    return hasChanged;
  }

  get pending(): PendingItem[] {
    return this.waiting.map((prompt, i) => ({
      ...shownPrompt(prompt),
      why: 'queued',
      ...(i === 0 && this.#place !== null
        ? { waitsFor: 'room', position: this.#place }
        : { waitsFor: 'turn', position: i + 1 }),
    }));
  }

  text(runId: string): string {
    return this.#prompts.get(runId)?.text ?? '';
  }

  images(runId: string): Promise<readonly PromptImage[]> | null {
    const ids = this.#prompts.get(runId)?.images;
    const [read, kept] = [ids ? this.#readImages(ids) : null, this.#kept?.()];
    return kept ? Promise.all([read ?? [], kept]).then(([images]) => images) : read;
  }

  /** The text that a title is to be found for, once. */
  takeUntitled(runId: string): string | null {
    const text = this.text(runId);
    if (!this.#isUntitled || text === '') return null;
    this.#isUntitled = false;
    return text;
  }
}
