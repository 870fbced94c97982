const FIRST_MS = 500;
const MAX_MS = 30_000;

/**
 * How long to wait before the next try: anywhere below a ceiling that doubles (full jitter), so that a thousand
 * tabs do not come back at the same moment.
 * @param tries How many failed before, from 0.
 * @param random From 0 to 1.
 */
export function backoffMs(tries: number, random: number): number {
  return Math.round(random * Math.min(MAX_MS, FIRST_MS * 2 ** tries));
}
