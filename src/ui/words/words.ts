/**
 * What the page says, in the language of its reader. A catalogue is plain TypeScript: texts, and functions where a
 * text holds something; numbers, dates and lists are put into words by `Intl` with `language`.
 */
import { english } from './english.ts';

export type Words = typeof english;

/** The languages the page speaks, by their BCP 47 tag, each under its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

/** The catalogue in use. Read it where a text is shown, not when a module loads: it is set before the first paint. */
export let words: Words = english;
/** The language in use, for `Intl`. */
export let language: Language = 'en';

const KEY = 'greenroom:language';

/** What the reader chose here, or else the first of the browser's languages that the page speaks. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages];
  for (const tag of wanted) {
    const spoken = tag?.split('-')[0]?.toLowerCase();
    if (spoken && spoken in LANGUAGES) return spoken as Language;
  }
  return 'en';
}

/** Keeps a choice for this browser and shows the page in it: what is typed is kept, as on any reload. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(KEY, chosen);
  location.reload();
}

/** Takes up a language. English is always there; another that cannot be loaded leaves the page English. */
export async function speak(wanted: Language): Promise<void> {
  try {
    words = wanted === 'de' ? (await import('./german.ts')).german : english;
    language = wanted;
  } catch {
    words = english;
    language = 'en';
  }
  document.documentElement.lang = language;
}
