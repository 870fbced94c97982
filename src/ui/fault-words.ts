import { language, words } from './words/words.ts';

/** The sentence for a fault code; names the code where there is none, so that it can be looked up. */
export function faultWords(code: string): string {
  const { said, unknown } = words.faults;
  return Object.hasOwn(said, code) ? said[code as keyof typeof said] : unknown(code);
}

/** Of a refusal: the server's own sentence may say more of this one than we know, but in English. */
export function refusalWords(refusal: { code?: string | undefined; message: string }): string {
  const { code, message } = refusal;
  return language === 'en' || code === undefined ? message : faultWords(code);
}
