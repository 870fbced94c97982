import { words } from './words/words.ts';

/** The sentence for a fault code; names the code where there is none, so that it can be looked up. */
export function faultWords(code: string): string {
  const { said, unknown } = words.faults;
  return Object.hasOwn(said, code) ? said[code as keyof typeof said] : unknown(code);
}
