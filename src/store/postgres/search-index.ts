/**
 * The index of messages' words. Its lexemes carry whose they are in front, so that a search reads entries of its
 * own user alone, however many others wrote the same word. They are made here and not by a text search parser,
 * as what that makes of a text depends on the database's locale, and differs from SQLite's.
 */
import { createHash } from 'node:crypto';
import type { Message } from '../../transport/protocol.ts';
import { wordsOf } from '../words.ts';
import type { Phrase } from './snippet.ts';

/** What a `tsvector` can hold: positions up to here, this many of a word, and bytes in all. */
const POSITION_MAX = 16_383;
const POSITIONS_MAX = 255;
const BYTES_MAX = 900_000;
/** Characters; two users whose names have the same costs time, and nothing else. */
const SCOPE_LENGTH = 6;

/** A `tsvector`, written out; null for what is not searched. */
export function indexOf(user: string, message: Message): string | null {
  const text = searchedText(message);
  return text === null ? null : lexemes(scopeOf(user), text);
}

/** A `tsquery`, written out: every phrase, of this user's. Null where nothing could be found. */
export function indexQuery(user: string, phrases: readonly Phrase[]): string | null {
  if (phrases.length === 0) return null;
  const scope = scopeOf(user);
  const written = phrases.map((phrase) => phrase.map((word) => `'${scope}${word}'`).join(' <-> '));
  return written.map((phrase) => `(${phrase}:*)`).join(' & ');
}

/** What people see of a message as its text. */
export function searchedText({ role, content }: Message): string | null {
  if (role !== 'user' && role !== 'assistant') return null;
  if (!Array.isArray(content)) return typeof content === 'string' ? content : null;
  const texts = content.flatMap((part) => ('text' in part ? [part.text] : []));
  return texts.length > 0 ? texts.join('\n') : null;
}

/** Words have letters and digits only, so that none needs an escape. */
function lexemes(scope: string, text: string): string {
  const positions = new Map<string, number[]>();
  let [bytes, position] = [0, 0];
  for (const { text: word } of wordsOf(text)) {
    position += 1;
    const known = positions.get(word);
    if (!known) bytes += Buffer.byteLength(word) + scope.length + 4;
    bytes += 2;
    if (bytes > BYTES_MAX) break;
    const all = known ?? [];
    if (!known) positions.set(word, all);
    if (position <= POSITION_MAX && all.length < POSITIONS_MAX) all.push(position);
  }
  return [...positions]
    .map(([word, at]) => `'${scope}${word}'${at.length > 0 ? `:${at.join(',')}` : ''}`)
    .join(' ');
}

function scopeOf(user: string): string {
  return createHash('sha256').update(user).digest('base64url').slice(0, SCOPE_LENGTH);
}
