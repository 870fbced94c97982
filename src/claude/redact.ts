/**
 * The CLI's own words, as people may see them: what it says about an error can quote a header, an address or
 * its environment. Rather too much is cut than too little; words, paths and UUIDs stay.
 */

const CUT = '[cut]';
/** What is read of a text, in UTF-16 units; people are shown less. The patterns are quadratic at worst. */
const READ_MAX = 2_000;

/** In this order: a name keeps its place in front of what is cut. */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${CUT}`],
  [
    /\b([\w-]*(?:api[_-]?key|token|secret|password|authorization))(["']?\s*[:=]\s*["']?)[^\s"',;&]{4,}/gi,
    `$1$2${CUT}`,
  ],
  [/(:\/\/)[^\s/@]+@/g, `$1${CUT}@`],
  [/\b(?:sk|pk|rk)-[\w-]{8,}/g, CUT],
  [/\bgh[oprsu]_\w{16,}|\bgithub_pat_\w{16,}|\bxox[a-z]-[\w-]{8,}|\bAKIA[0-9A-Z]{12,}/g, CUT],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, CUT],
  [/(?<![\w-])[0-9a-f]{32,}(?![\w-])/gi, CUT],
  // Base64 of either kind. A path may look like one, but it begins in a slash or behind a dot.
  [/(?<![\w+/.~=-])(?=[\w+-]*\d)(?=[\w+-]*[A-Z])(?=[\w+-]*[a-z])[\w+-][\w+/-]{31,}={0,2}/g, CUT],
];

/**
 * @param configured The server's own secrets, which need no telling by their looks.
 * @returns Takes a text of any length; gives at most about its first 2,000 units, ending with a whole word.
 */
export function redaction(configured: readonly (string | null)[]): (words: string) => string {
  const known = configured.filter((secret): secret is string => secret !== null && secret !== '');
  return (words) => {
    const unnamed = known.reduce((text, secret) => text.replaceAll(secret, CUT), words);
    return SECRETS.reduce((text, [pattern, cut]) => text.replace(pattern, cut), begin(unnamed));
  };
}

/** A secret that was cut in two would not be known any more. */
function begin(text: string): string {
  if (text.length <= READ_MAX) return text;
  const start = text.slice(0, READ_MAX);
  const end = Math.max(start.lastIndexOf(' '), start.lastIndexOf('\n'));
  return end < 0 ? CUT : start.slice(0, end);
}
