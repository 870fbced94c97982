import { timingSafeEqual } from 'node:crypto';

/** Takes as long for any two texts of the same length: how far a guess is right does not show. */
export function isSameSecret(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}
