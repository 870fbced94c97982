/** Which rows of a long list of equal heights are drawn. */

/** Rows drawn above and below what is seen, so that a turn of the wheel finds them there. */
const MARGIN = 6;

export interface Span {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
}

export function spanOf(scrollTop: number, height: number, rowHeight: number, count: number): Span {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - MARGIN);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + MARGIN);
  return { first: Math.min(first, count), end: Math.max(end, 0) };
}

/** Where to scroll so that a row is seen; null: it is. */
export function scrollTo(
  row: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
): number | null {
  const [top, bottom] = [row * rowHeight, (row + 1) * rowHeight];
  if (top < scrollTop) return top;
  return bottom > scrollTop + height ? bottom - height : null;
}
