/** Which language a plain page is sent in. */
import type { IncomingMessage } from 'node:http';
import Negotiator from 'negotiator';

/** Those the UI speaks. The first is sent where a browser asks for none of them. */
export const PAGE_LANGUAGES = ['en', 'de'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** The same in each. */
export type InEach<T> = Readonly<Record<PageLanguage, T>>;

/** Of the languages in `Accept-Language`, the one liked most: `de-AT` asks for German. */
export function pageLanguage(request: IncomingMessage): PageLanguage {
  const liked = new Negotiator(request).language([...PAGE_LANGUAGES]);
  return PAGE_LANGUAGES.find((language) => language === liked) ?? PAGE_LANGUAGES[0];
}
