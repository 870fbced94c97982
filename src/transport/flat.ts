const ANY = /^/;

/**
 * The same text in one piece. V8 keeps a text that was joined as its pieces until somebody looks into it: those of a
 * UUID are 14, which is 400 bytes for as long as it lives.
 */
export function flat(text: string): string {
  ANY.test(text);
  return text;
}
