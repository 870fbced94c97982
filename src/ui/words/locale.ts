import { language, spoken } from './words.ts';

/**
 * How numbers and times are written: as the browser's own region has it where that speaks the language of the page,
 * so that a page in English shows 14:05 in London and 2:05 PM in New York.
 */
export function locale(): string {
  return navigator.languages?.find((tag) => spoken(tag) === language) ?? language;
}
