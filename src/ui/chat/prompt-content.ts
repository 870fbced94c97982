import type { Message, PendingItem } from '../../transport/protocol.ts';

/** An image in a prompt: an upload of the user's own, by its path on this server. */
export interface PromptImage {
  readonly url: string;
  readonly mimeType: string;
}

/** What a person sends: words, images, or both. */
export interface Prompt {
  readonly text: string;
  readonly images: readonly PromptImage[];
}

/** Uploads only: an image of another origin is never loaded, whoever put it there. */
const UPLOAD = /^\/(?!\/)[^?#]*\/api\/uploads\/[A-Za-z0-9_-]+$/;

export function promptIn(content: unknown): Prompt {
  if (typeof content === 'string') return { text: content, images: [] };
  const parts: Part[] = Array.isArray(content) ? content : [];
  return {
    text: parts.flatMap((part) => (typeof part.text === 'string' ? [part.text] : [])).join('\n'),
    images: parts.flatMap(imageIn),
  };
}

/** A prompt that waits on the server. */
export function promptOfPending({ text, images = [] }: PendingItem): Prompt {
  return { text, images: images.map((url) => ({ url, mimeType: 'image/*' })) };
}

/** As the wire has it: plain text where there is nothing else. */
export function contentOf({ text, images }: Prompt): Extract<Message, { role: 'user' }>['content'] {
  if (images.length === 0) return text;
  const parts = images.map(({ url, mimeType }) => ({
    type: 'image' as const,
    source: { type: 'url' as const, value: url, mimeType },
  }));
  return text === '' ? parts : [...parts, { type: 'text' as const, text }];
}

interface Part {
  type?: unknown;
  text?: unknown;
  source?: { type?: unknown; value?: unknown; mimeType?: unknown };
}

function imageIn({ type, source }: Part): PromptImage[] {
  const url = source?.type === 'url' ? String(source.value) : '';
  if (type !== 'image' || !UPLOAD.test(url)) return [];
  return [{ url, mimeType: String(source?.mimeType ?? 'image/*') }];
}
