/** The fields that say most about a call, best first; names as Claude Code's own tools use them. */
const TELLING = [
  'command',
  'file_path',
  'notebook_path',
  'pattern',
  'query',
  'url',
  'path',
  'description',
  'prompt',
];

/** A tool's input as an object; null while it is still streaming or is none. */
export function toolInput(args: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(args);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** One short line for a tool call: its command, path or query. Empty when nothing is telling. */
export function toolSummary(args: string): string {
  const input = toolInput(args);
  if (!input) return '';
  for (const field of TELLING) {
    const value = input[field];
    if (typeof value === 'string' && value !== '') return value.replace(/\s+/g, ' ').slice(0, 200);
  }
  return '';
}

/**
 * A tool's input exactly, for a person to judge: a command alone as itself, anything else as JSON. Nothing is
 * cut or left out, because what is approved here is what runs.
 */
export function exactInput(input: unknown): { text: string; note: string } {
  if (typeof input === 'object' && input !== null && 'command' in input) {
    const { command, description, ...rest } = input as Record<string, unknown>;
    if (typeof command === 'string' && Object.keys(rest).length === 0)
      return { text: command, note: typeof description === 'string' ? description : '' };
  }
  return { text: JSON.stringify(input, null, 2) ?? '', note: '' };
}
