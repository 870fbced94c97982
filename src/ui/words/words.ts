/**
 * What the page says, in the language of its reader. A catalogue is plain TypeScript: texts, and functions where a
 * text holds something; numbers, dates and lists are put into words by `Intl` with `language`.
 */
import { ownStorage } from '../chat/storage.ts';
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

/** What the reader chose here; null: the page follows the browser, as where storage is refused. */
export function chosenLanguage(): Language | null {
  try {
    return spoken(ownStorage()?.getItem(KEY));
  } catch {
    return null;
  }
}

/** What the reader chose here, or else the first of the browser's languages that the page speaks. */
export function preferredLanguage(): Language {
  const chosen = chosenLanguage();
  if (chosen) return chosen;
  for (const tag of navigator.languages) {
    const known = spoken(tag);
    if (known) return known;
  }
  return 'en';
}

/**
 * Keeps a choice for this browser and shows the page in it: what is typed is kept, as on any reload.
 * @param chosen Null: as the browser.
 * @returns False, and nothing happens, where storage is refused: the choice would be gone with the reload.
 */
export function chooseLanguage(chosen: Language | null): boolean {
  try {
    const storage = ownStorage();
    if (storage === null) return false;
    if (chosen === null) storage.removeItem(KEY);
    else storage.setItem(KEY, chosen);
  } catch {
    return false;
  }
  location.reload();
  return true;
}

/** The language of the page that a BCP 47 tag asks for. */
export function spoken(tag: string | null | undefined): Language | null {
  const base = tag?.split('-')[0]?.toLowerCase() ?? '';
  return Object.hasOwn(LANGUAGES, base) ? (base as Language) : null;
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
