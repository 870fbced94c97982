import { language, words } from './words/words.ts';

/** The sentence for a fault code; names the code where there is none, so that it can be looked up. */
export function faultWords(code: string): string {
  const { said, unknown } = words.faults;
  return Object.hasOwn(said, code) ? said[code as keyof typeof said] : unknown(code);
}

/** What the server said, which may tell more of this one fault than we know, but in English: to others, our sentence. */
export function saidOf(fault: string | null | undefined, message: string): string {
  return language === 'en' || fault == null ? message : faultWords(fault);
}
