/** A catalogue's texts by their names, as `area.text`. */

/** In the place of whatever a text holds: reads as a text, a list, a number and a time alike. */
const SAMPLES = [['7'], 7, '7', 1_700_000_000_000];

export function textsIn(catalogue: object, prefix = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue)) {
    const name = prefix + key;
    if (typeof value === 'string') texts.set(name, value);
    else if (isParts(value)) texts.set(name, value.join(' '));
    else if (typeof value === 'function') texts.set(name, said(name, value));
    else for (const [inner, text] of textsIn(value, `${name}.`)) texts.set(inner, text);
  }
  return new Map([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of one text, what stands before and behind something. */
function isParts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'string');
}

function said(name: string, text: (...given: unknown[]) => unknown): string {
  for (const sample of SAMPLES)
    try {
      const made = text(sample, sample, sample, sample);
      if (typeof made === 'string') return made;
      if (Array.isArray(made)) return made.join('');
    } catch {}
  throw new Error(`${name} makes no text of any sample`);
}
