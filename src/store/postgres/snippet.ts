/** What of a message is shown where a search found it, cut and marked as SQLite's `snippet()` does. */
import type { SnippetPart } from '../../transport/views.ts';
import { type Word, wordsOf } from '../words.ts';

const WORDS_MAX = 24;
/** What a window counts for: for each phrase in it, and for beginning with a sentence, or with the text. */
const [PHRASE, SENTENCE, START] = [1_000, 100, 120];

/** Words that must stand together; of the last one only the beginning is given. */
export type Phrase = readonly string[];

/** Where a phrase stands: its first word. */
interface Hit {
  readonly phrase: number;
  readonly at: number;
  readonly length: number;
}

/** What is looked for; each word of a query is a phrase, as it may be written with more than letters. */
export function phrasesOf(query: string): Phrase[] {
  const phrases = query.split(/\s+/).map((word) => [...wordsOf(word)].map(({ text }) => text));
  return phrases.filter(({ length }) => length > 0);
}

export function snippetOf(text: string, phrases: readonly Phrase[]): SnippetPart[] {
  const words = [...wordsOf(text)];
  const hits = hitsIn(words, phrases);
  const first = bestStart(text, words, hits);
  const last = first + WORDS_MAX - 1;
  const isWhole = last >= words.length - 1;
  const end = isWhole ? text.length : (words[last]?.end ?? text.length);
  const parts: SnippetPart[] = [];
  const add = (part: string, hit: boolean) => {
    const before = parts.at(-1);
    if (before && !hit && !before.hit) before.text += part;
    else if (part !== '') parts.push({ text: part, hit });
  };
  let done = first === 0 ? 0 : (words[first]?.start ?? 0);
  if (first > 0) add('…', false);
  for (const range of joined(hits).filter(({ from }) => from >= first && from <= last)) {
    const [from, to] = [words[range.from], words[Math.min(range.to, last)]];
    if (!from || !to) continue;
    add(text.slice(done, from.start), false);
    add(text.slice(from.start, to.end), true);
    done = to.end;
  }
  add(text.slice(done, end) + (isWhole ? '' : '…'), false);
  return parts;
}

function hitsIn(words: readonly Word[], phrases: readonly Phrase[]): Hit[] {
  const hits: Hit[] = [];
  for (const at of words.keys())
    for (const [phrase, parts] of phrases.entries())
      if (standsAt(words, at, parts)) hits.push({ phrase, at, length: parts.length });
  return hits;
}

function standsAt(words: readonly Word[], at: number, phrase: Phrase): boolean {
  return phrase.every((part, i) => {
    const word = words[at + i]?.text;
    return i === phrase.length - 1 ? word?.startsWith(part) : word === part;
  });
}

/** The word that the best window begins with: around as many of the phrases as can be shown. */
function bestStart(text: string, words: readonly Word[], hits: readonly Hit[]): number {
  const sentences = sentencesOf(text, words);
  let best = { score: 0, start: 0 };
  const offer = (score: number, start: number) => {
    if (score > best.score) best = { score, start };
  };
  for (const { at } of hits) {
    const { score, middle } = windowAt(at, hits);
    offer(score, Math.max(0, Math.min(middle, words.length - WORDS_MAX)));
    const sentence = sentences.findLast((start) => start <= at);
    if (words.length <= WORDS_MAX || sentence === undefined || sentence === at) continue;
    const bonus = sentence === 0 ? START : SENTENCE;
    offer(windowAt(sentence, hits).score + bonus, sentence);
  }
  return best.start;
}

/** @returns `middle`: where a window begins that has the same hits in its middle. */
function windowAt(start: number, hits: readonly Hit[]): { score: number; middle: number } {
  const seen = new Set<number>();
  let score = 0;
  let [first, end] = [-1, 0];
  for (const { phrase, at, length } of hits) {
    if (at < start || at >= start + WORDS_MAX) continue;
    score += seen.has(phrase) ? 1 : PHRASE;
    seen.add(phrase);
    if (first < 0) first = at;
    end = at + length;
  }
  return { score, middle: first - Math.trunc((WORDS_MAX - (end - first)) / 2) };
}

/** The words that sentences begin with. */
function sentencesOf(text: string, words: readonly Word[]): number[] {
  const starts: number[] = [];
  for (const [i, { start }] of words.entries()) {
    const before = text.slice(words[i - 1]?.end ?? 0, start);
    if (i === 0 || /[.:][ \t\n\r]+$/.test(before)) starts.push(i);
  }
  return starts;
}

/** Hits that overlap are one. `to` is its last word. */
function joined(hits: readonly Hit[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const { at, length } of hits) {
    const last = ranges.at(-1);
    if (last && at <= last.to) last.to = Math.max(last.to, at + length - 1);
    else ranges.push({ from: at, to: at + length - 1 });
  }
  return ranges;
}
