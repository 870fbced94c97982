/** ↑ and ↓ through what was said before, as in a shell. */

/**
 * @param prompts Oldest first.
 * @param shown What is in the box.
 * @param at Which of `prompts` is in the box; `prompts.length` for what the user types.
 * @returns The next place, or null where the key is the box's own: it holds words of the user's.
 */
export function recall(
  prompts: readonly string[],
  shown: string,
  at: number,
  direction: 'up' | 'down',
): number | null {
  const isOwn = shown !== '' && shown !== prompts[at];
  const next = direction === 'up' ? at - 1 : at + 1;
  return isOwn || next < 0 || next > prompts.length ? null : next;
}
