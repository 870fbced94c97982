/** Images on their way into a prompt, kept per conversation like its draft: checked, uploaded, sent with it. */
import type { Offers } from '../../transport/protocol.ts';
import type { UploadView } from '../../transport/views.ts';
import type { PromptImage } from '../chat/prompt-content.ts';
import type { Kept } from '../chat/storage.ts';
import { IMAGES, placeOf } from '../chat/unsent.ts';

export type ImageOffer = NonNullable<Offers['images']>;

export interface Attachment extends PromptImage {
  readonly key: string;
  readonly name: string;
  /** `url` is empty until it is `ready`. */
  readonly state: 'uploading' | 'failed' | 'ready';
  /** Why it failed, for people. */
  readonly why: string | null;
}

/** @throws {Error} With words for people. */
export type Upload = (file: File) => Promise<UploadView>;

const MB = 1024 * 1024;

export class Attachments {
  readonly #upload: Upload;
  readonly #listeners = new Set<() => void>();
  /** What a failed one is tried again with; gone after a reload, and then nothing failed is left either. */
  readonly #files = new Map<string, File>();
  #lastKey = 0;
  #kept: Kept | null = null;
  #name: string;
  #items: readonly Attachment[] = [];

  constructor(upload: Upload, threadId: string | null) {
    this.#upload = upload;
    this.#name = IMAGES + placeOf(threadId);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  view = (): readonly Attachment[] => this.#items;

  /** Whose they are: what is kept for them is here again. */
  own(kept: Kept): void {
    this.#kept = kept;
    this.restore(this.#read());
  }

  /** Nothing that would be missing if the prompt went now. */
  get isSettled(): boolean {
    return this.#items.every(({ state }) => state === 'ready');
  }

  /** Adds what may be sent and begins to upload it. Returns why others are not taken, for people. */
  add(files: readonly File[], offer: ImageOffer): string[] {
    const refused: string[] = [];
    for (const file of files) {
      const why = this.#refusal(file, offer);
      if (why === null) this.#begin(file);
      else refused.push(why);
    }
    return refused;
  }

  retry(key: string): void {
    const file = this.#files.get(key);
    if (!file) return;
    this.#change(key, { state: 'uploading', why: null });
    this.#send(key, file);
  }

  /** All that failed, once the line is back. */
  retryFailed(): void {
    for (const { key, state } of this.#items) if (state === 'failed') this.retry(key);
  }

  remove(key: string): void {
    this.#files.delete(key);
    this.#set(this.#items.filter((item) => item.key !== key));
  }

  /** Hands over what is ready; the strip is empty then. */
  take(): PromptImage[] {
    const images = this.#items.filter(({ state }) => state === 'ready').map(imageOf);
    this.#files.clear();
    this.#set([]);
    return images;
  }

  /** Those of a prompt that was not taken come back. */
  restore(images: readonly PromptImage[]): void {
    const known = new Set(this.#items.map(({ url }) => url));
    const back = images.filter(({ url }) => !known.has(url)).map((image) => this.#ready(image));
    if (back.length > 0) this.#set([...back, ...this.#items]);
  }

  open(threadId: string | null): void {
    this.#name = IMAGES + placeOf(threadId);
    this.#files.clear();
    this.#items = this.#read();
    for (const listener of this.#listeners) listener();
  }

  /** The fresh page got its id. */
  rename(threadId: string): void {
    const items = this.#items;
    this.#set([]);
    this.#name = IMAGES + placeOf(threadId);
    this.#set(items);
  }

  #refusal(
    { name, type, size }: File,
    { types, maxBytes, maxPerPrompt }: ImageOffer,
  ): string | null {
    if (!types.includes(type))
      return `${name} is no image that can be sent. Accepted: ${types.map(shortType).join(', ')}.`;
    if (size > maxBytes)
      return `${name} has ${megabytes(size)}; at most ${megabytes(maxBytes)} can be sent.`;
    if (this.#items.length >= maxPerPrompt)
      return `${name} was left out: a message takes ${maxPerPrompt} images.`;
    return null;
  }

  #begin(file: File): void {
    const key = `${++this.#lastKey}`;
    this.#files.set(key, file);
    const item = { key, name: file.name || 'image', mimeType: file.type, url: '', why: null };
    this.#set([...this.#items, { ...item, state: 'uploading' }]);
    this.#send(key, file);
  }

  #send(key: string, file: File): void {
    this.#upload(file).then(
      ({ url, mimeType }) => {
        this.#files.delete(key);
        this.#change(key, { url, mimeType, state: 'ready' });
      },
      (error: unknown) =>
        this.#change(key, { state: 'failed', why: error instanceof Error ? error.message : null }),
    );
  }

  #ready(image: PromptImage & { name?: string }): Attachment {
    const key = `${++this.#lastKey}`;
    return { name: 'image', ...image, key, state: 'ready', why: null };
  }

  #change(key: string, change: Partial<Attachment>): void {
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly Attachment[]): void {
    this.#items = items;
    const ready = items.filter(({ state }) => state === 'ready');
    this.#kept?.set(this.#name, ready.length === 0 ? null : JSON.stringify(ready));
    for (const listener of this.#listeners) listener();
  }

  #read(): Attachment[] {
    try {
      const kept: unknown = JSON.parse(this.#kept?.get(this.#name) ?? '[]');
      return Array.isArray(kept) ? kept.map((image: Attachment) => this.#ready(image)) : [];
    } catch {
      return [];
    }
  }
}

function imageOf({ url, mimeType }: Attachment): PromptImage {
  return { url, mimeType };
}

function shortType(type: string): string {
  return type.replace('image/', '').toUpperCase();
}

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`;
}
