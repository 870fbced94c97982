/** Recordings of the real CLI: what went in and what came out, a line each. */
import { readdirSync, readFileSync } from 'node:fs';

const DIR = new URL('../fixtures/transcripts/', import.meta.url);

type Line = Record<string, unknown>;

export interface Recording {
  readonly name: string;
  /** What the CLI printed, line by line, as it was. */
  readonly out: readonly string[];
  /** Everything in the order of its happening; `eof` is the end of input. */
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly dir: 'out'; readonly line: string; readonly message: Line }
  | { readonly dir: 'in'; readonly message: Line | 'eof' };

export const RECORDINGS: readonly Recording[] = readdirSync(DIR)
  .filter((file) => file.endsWith('.ndjson'))
  .sort()
  .map(read);

/** The recording whose name begins so. */
export function recording(prefix: string): Recording {
  const found = RECORDINGS.find(({ name }) => name.startsWith(prefix));
  if (!found) throw new Error(`there is no recording ${prefix}`);
  return found;
}

function read(file: string): Recording {
  const steps = readFileSync(new URL(file, DIR), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => toStep(JSON.parse(line) as Line));
  const out = steps.flatMap((step) => (step.dir === 'out' ? [step.line] : []));
  return { name: file.replace('.ndjson', ''), out, steps };
}

function toStep(entry: Line): Step[] {
  // One recording is the CLI's bare stdout.
  const { dir, m } = 'dir' in entry ? entry : { dir: 'out', m: entry };
  const message = m as Line;
  if (dir === 'out') return [{ dir, line: JSON.stringify(message), message }];
  if (dir !== 'in') return [];
  return [{ dir, message: typeof m === 'string' ? 'eof' : message }];
}
