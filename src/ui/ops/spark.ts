/**
 * The path of a small line through values, the last at its end on the right.
 * @param count How many there is room for. @param ceiling What the top stands for, unless a value is higher.
 */
export function lineThrough(
  values: readonly number[],
  count: number,
  height: number,
  ceiling = 0,
): string {
  const top = Math.max(ceiling, ...values, Number.MIN_VALUE);
  return values
    .map((value, index) => {
      const x = count - values.length + index;
      const y = 1 + (height - 2) * (1 - Math.max(0, value) / top);
      return `${index === 0 ? 'M' : 'L'}${x} ${y.toFixed(1)}`;
    })
    .join('');
}
