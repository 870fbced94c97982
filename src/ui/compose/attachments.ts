/** Images on their way into a prompt, kept per conversation like its draft: checked, uploaded, sent with it. */
import type { Offers } from '../../transport/protocol.ts';
import type { UploadView } from '../../transport/views.ts';
import type { PromptImage } from '../chat/prompt-content.ts';
import type { Kept } from '../chat/storage.ts';
import { IMAGES, placeOf } from '../chat/unsent.ts';
import { words } from '../words/words.ts';

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
  /** What is not uploaded yet in conversations that are not on screen, by their name. */
  readonly #away = new Map<string, readonly Attachment[]>();
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
    for (const { key, state } of [...this.#items, ...[...this.#away.values()].flat()])
      if (state === 'failed') this.retry(key);
  }

  remove(key: string): void {
    this.#files.delete(key);
    this.#set(this.#items.filter((item) => item.key !== key));
  }

  /** Hands over what is ready; the strip is empty then. */
  take(): PromptImage[] {
    const images = this.#items.filter(({ state }) => state === 'ready').map(imageOf);
    for (const { key } of this.#items) this.#files.delete(key);
    this.#set([]);
    return images;
  }

  /** Those of a prompt that was not taken come back. */
  restore(images: readonly PromptImage[]): void {
    const known = new Set(this.#items.map(({ url }) => url));
    const back = images.filter(({ url }) => !known.has(url)).map((image) => this.#ready(image));
    if (back.length > 0) this.#set([...back, ...this.#items]);
  }

  /** The same for the conversation they were sent in, whatever is on screen now. */
  returnTo(threadId: string, images: readonly PromptImage[]): void {
    const name = IMAGES + placeOf(threadId);
    if (name === this.#name) return this.restore(images);
    if (images.length === 0) return;
    const kept = this.#read(name);
    const known = new Set(kept.map(({ url }) => url));
    const back = images.filter(({ url }) => !known.has(url)).map((image) => this.#ready(image));
    this.#kept?.set(name, JSON.stringify([...back, ...kept]));
  }

  open(threadId: string | null): void {
    this.#away.set(
      this.#name,
      this.#items.filter(({ state }) => state !== 'ready'),
    );
    this.#name = IMAGES + placeOf(threadId);
    this.#items = [...this.#read(), ...(this.#away.get(this.#name) ?? [])];
    this.#away.delete(this.#name);
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
    if (!types.includes(type)) return words.compose.notAnImage(name, types.map(shortType));
    if (size > maxBytes) return words.compose.imageTooLarge(name, size / MB, maxBytes / MB);
    if (this.#items.length >= maxPerPrompt) return words.compose.tooManyImages(name, maxPerPrompt);
    return null;
  }

  #begin(file: File): void {
    const key = `${++this.#lastKey}`;
    this.#files.set(key, file);
    const item = {
      key,
      name: file.name || words.compose.image,
      mimeType: file.type,
      url: '',
      why: null,
    };
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
    return { name: words.compose.image, ...image, key, state: 'ready', why: null };
  }

  #change(key: string, change: Partial<Attachment>): void {
    const away = [...this.#away].find(([, items]) => items.some((item) => item.key === key));
    if (away) return this.#changeAway(...away, key, change);
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  /** One of a conversation that was left: once it is uploaded, it is kept there. */
  #changeAway(
    name: string,
    items: readonly Attachment[],
    key: string,
    change: Partial<Attachment>,
  ): void {
    const changed = items.map((item) => (item.key === key ? { ...item, ...change } : item));
    const ready = changed.filter(({ state }) => state === 'ready');
    this.#away.set(
      name,
      changed.filter(({ state }) => state !== 'ready'),
    );
    if (ready.length > 0) this.#kept?.set(name, JSON.stringify([...this.#read(name), ...ready]));
  }

  #set(items: readonly Attachment[]): void {
    this.#items = items;
    const ready = items.filter(({ state }) => state === 'ready');
    this.#kept?.set(this.#name, ready.length === 0 ? null : JSON.stringify(ready));
    for (const listener of this.#listeners) listener();
  }

  #read(name = this.#name): Attachment[] {
    try {
      const kept: unknown = JSON.parse(this.#kept?.get(name) ?? '[]');
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
