/**
 * What the page says, in the language of its reader. A catalogue is plain TypeScript: texts, and functions where a
 * text holds something; numbers, dates and lists are put into words by `Intl` with `locale()`.
 */
import { english } from './english.ts';

export type Words = typeof english;

/** The languages the page speaks, by their BCP 47 tag, each under its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

/** The catalogue in use. Read it where a text is shown, not when a module loads: it may change under the page. */
export let words: Words = english;
export let language: Language = 'en';

const listeners = new Set<() => void>();
let wish = 0;

/** Hears that another language is in use. Returns the end of it. */
export function onSpoken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The language of the page that a BCP 47 tag asks for. */
export function spoken(tag: string | null | undefined): Language | null {
  const base = tag?.split('-')[0]?.toLowerCase() ?? '';
  return Object.hasOwn(LANGUAGES, base) ? (base as Language) : null;
}

/**
 * Takes up a language; of wishes that overtake each other, the last. English is always there: the page speaks it
 * where another cannot be loaded.
 */
export async function speak(wanted: Language): Promise<void> {
  wish += 1;
  const own = wish;
  const german = wanted === 'de' ? await loadGerman() : null;
  if (own !== wish) return;
  words = german ?? english;
  language = german === null ? 'en' : wanted;
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

function loadGerman(): Promise<Words | null> {
  return import('./german.ts').then(
    ({ german }) => german,
    () => null,
  );
}
