import { diffLines, diffWordsWithSpace } from 'diff';
import type { Edit } from '../chat/tool-summary.ts';

/** Comparing takes longer than anybody waits; then both texts stand one after the other. */
const COMPARE_MS = 200;
/** UTF-16 units; the words of longer lines are not compared. */
const LINE_MAX = 500;
/** Lines that share less than this part of their words are two lines, not one that was changed. */
const SHARED_MIN = 0.3;

export interface Part {
  readonly text: string;
  readonly isChanged: boolean;
}

export interface DiffLine {
  readonly mark: '+' | '-' | ' ';
  readonly parts: readonly Part[];
}

/** What a file loses and gains, line by line; in a line that was changed, the words that were. */
export function compare({ before, after }: Edit): DiffLine[] {
  const changes = diffLines(before, after, { timeout: COMPARE_MS }) ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  const shown = changes.filter(({ value }) => value !== '');
  return shown.flatMap((change, index) => {
    const lines = linesOf(change.value);
    if (!change.added && !change.removed) return lines.map((text) => whole(' ', text));
    const other = shown[index + (change.removed ? 1 : -1)];
    const isPair = other !== undefined && (change.removed ? other.added : other.removed);
    const others = isPair ? linesOf(other.value) : [];
    const mark = change.added ? '+' : '-';
    return lines.map((text, at) => {
      const twin = others.length === lines.length ? others[at] : undefined;
      const parts = twin === undefined ? null : changedWords(text, twin);
      return parts === null ? whole(mark, text) : { mark, parts };
    });
  });
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function whole(mark: DiffLine['mark'], text: string): DiffLine {
  return { mark, parts: [{ text, isChanged: false }] };
}

/** `text` in parts, those that `twin` has not marked; null where the two have little in common. */
function changedWords(text: string, twin: string): Part[] | null {
  if (text.length > LINE_MAX || twin.length > LINE_MAX) return null;
  const parts = diffWordsWithSpace(twin, text)
    .filter(({ removed }) => !removed)
    .map(({ value, added }) => ({ text: value, isChanged: added }));
  const shared = parts.filter(({ isChanged }) => !isChanged).map((part) => part.text.trim());
  return shared.join('').length >= SHARED_MIN * text.trim().length ? parts : null;
}
