/** What a client asks: the text and the images of the last user message of a RunAgentInput, checked. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type FaultCode, FaultError } from '../faults.ts';
import type { Decision } from '../machines/approvals.ts';
import type { Accepted, RunCommand } from '../store/store.ts';
import { type Upload, uploadId, uploadIdIn } from '../store/uploads.ts';
import { IMAGE_TYPES, imageTypeOf } from './content-type.ts';
import { Wellformed } from './decode.ts';
import type { Offers, RunInput } from './protocol.ts';

export interface PromptBounds {
  /** Of the text, UTF-8. */
  readonly maxPromptBytes: number;
  readonly images: Offers['images'];
}

/** An image that was uploaded before, or that comes with the prompt. */
export type GivenImage = { readonly id: string } | Omit<Upload, 'id'>;

export interface Prompt {
  readonly text: string;
  readonly images: readonly GivenImage[];
}

const IMAGES_MAX = 20;

/** What `welcome` tells of images; null: none are taken. */
export function imageOffer({
  images,
  maxImageBytes: maxBytes,
}: {
  images: 'on' | 'off';
  maxImageBytes: number;
}): Offers['images'] {
  if (images === 'off' || maxBytes === 0) return null;
  return { types: IMAGE_TYPES, maxBytes, maxPerPrompt: IMAGES_MAX };
}

const TextPart = v.object({ type: v.literal('text'), text: Wellformed });
const ImagePart = v.object({
  type: v.literal('image'),
  source: v.variant('type', [
    v.object({ type: v.literal('url'), value: v.string() }),
    v.object({ type: v.literal('data'), value: v.string(), mimeType: v.string() }),
  ]),
});
type ImageSource = v.InferOutput<typeof ImagePart>['source'];
/** Others are AG-UI's too, and are not taken. */
const OtherPart = v.object({ type: v.string() });
const UserMessage = v.object({
  role: v.literal('user'),
  content: v.union([Wellformed, v.array(OtherPart)]),
});

/** @throws {FaultError} `prompt.*`, `upload.*`, or `frame.malformed`. */
export function promptOf(input: RunInput, bounds: PromptBounds): Prompt {
  const last = input.messages.findLast(({ role }) => role === 'user');
  if (!last) throw new FaultError('prompt.empty');
  const parts = partsOf(last);
  const text = parts.flatMap((part) => ('text' in part ? part.text : [])).join('\n');
  const sources = parts.flatMap((part) => ('source' in part ? part.source : []));
  checkText(text, bounds.maxPromptBytes);
  if (text.trim() === '' && sources.length === 0) throw new FaultError('prompt.empty');
  const { images } = bounds;
  if (sources.length === 0) return { text, images: [] };
  if (images === null) throw new FaultError('prompt.unsupported');
  if (sources.length > images.maxPerPrompt) throw new FaultError('prompt.tooManyImages');
  return { text, images: sources.map((source) => imageOf(source, images)) };
}

function partsOf(message: unknown) {
  const result = v.safeParse(UserMessage, message);
  if (!result.success) throw new FaultError('frame.malformed');
  const { content } = result.output;
  if (typeof content === 'string') return [{ type: 'text' as const, text: content }];
  const given = (message as { content: unknown[] }).content;
  return given.map((part, i) => {
    const isText = content[i]?.type === 'text';
    const read = v.safeParse(isText ? TextPart : ImagePart, part);
    if (!read.success) throw new FaultError(isText ? 'frame.malformed' : 'prompt.unsupported');
    return read.output;
  });
}

function checkText(text: string, bytesMax: number): void {
  if (text.includes('\0')) throw new FaultError('prompt.badCharacter');
  if (Buffer.byteLength(text) > bytesMax)
    throw new FaultError('prompt.tooLarge', `${bytesMax} bytes at most`);
}

function imageOf(source: ImageSource, { types, maxBytes }: NonNullable<Offers['images']>) {
  if (source.type === 'url') {
    const id = uploadIdIn(source.value);
    if (id === null) throw new FaultError('prompt.unsupported');
    return { id };
  }
  const { value, mimeType: type } = source;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value) || !types.includes(type))
    throw new FaultError('prompt.unsupported');
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length > maxBytes) throw new FaultError('upload.tooLarge');
  if (imageTypeOf(bytes) !== type) throw new FaultError('prompt.unsupported');
  return { type, bytes };
}

/** What is kept of what a client asks or answers, and the images that came along with it. */
export function commandOf(
  user: string,
  runId: string,
  { text, images }: Prompt,
  decisions: readonly Decision[],
): { command: RunCommand; brought: Upload[] } {
  const known = images.map((image) =>
    'id' in image ? image : { ...image, id: uploadId(user, image.bytes) },
  );
  const ids = [...new Set(known.map(({ id }) => id))];
  const told = ids.length === 0 ? [text, decisions] : [text, decisions, ids];
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('base64url');
  const command = { runId, digest, text, ...(ids.length > 0 && { images: ids }) };
  return { command, brought: known.filter((image): image is Upload => 'bytes' in image) };
}

/** Why a command does not run that the store was given; null: it does, or did before. */
export function notAccepted(accepted: Accepted): FaultCode | null {
  if (accepted === 'accepted' || accepted === 'duplicate') return null;
  return accepted === 'conflict' ? 'run.idReused' : accepted;
}
