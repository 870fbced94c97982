/** Finds paths below a directory for a prompt that is being written. Links are neither followed nor named. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export const PATHS_MAX = 20;
/** A larger workspace is searched as far as this goes, level by level. */
const ENTRIES_MAX = 20_000;
const SEARCH_MS = 300;
const LEFT_OUT = new Set(['.git', 'node_modules']);

/**
 * At most `PATHS_MAX` paths relative to `directory` that hold the characters of `query` in order, whatever
 * their case, best first; folders end in `/`. Looks at `ENTRIES_MAX` entries or for `SEARCH_MS`, and answers
 * with what it found by then.
 */
export async function completePaths(directory: string, query: string): Promise<string[]> {
  const found: { path: string; score: number }[] = [];
  for await (const path of walk(directory)) {
    const score = scoreOf(path, query);
    if (score !== null) found.push({ path, score });
  }
  return found
    .sort(
      (a, b) => a.score - b.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1),
    )
    .slice(0, PATHS_MAX)
    .map(({ path }) => path);
}

async function* walk(directory: string): AsyncGenerator<string> {
  const until = performance.now() + SEARCH_MS;
  const folders = [''];
  let entries = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of await entriesOf(join(directory, folder))) {
      if (++entries > ENTRIES_MAX || performance.now() > until) return;
      const path = `${folder}${entry.name}`;
      if (LEFT_OUT.has(entry.name) || entry.name.includes('\n')) continue;
      if (entry.isDirectory()) folders.push(`${path}/`);
      if (entry.isDirectory()) yield `${path}/`;
      else if (entry.isFile()) yield path;
    }
  }
}

/** A folder that cannot be read, or has gone meanwhile, has none. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

/** Less is better: how far apart the characters stand, and how deep. Null: they are not all there. */
function scoreOf(path: string, query: string): number | null {
  const [text, wanted] = [path.toLowerCase(), query.toLowerCase()];
  const at = text.lastIndexOf(wanted);
  if (at >= 0) return depthOf(path) + (at === 0 || text[at - 1] === '/' ? 0 : 1);
  let from = 0;
  let gaps = 0;
  for (const character of wanted) {
    const next = text.indexOf(character, from);
    if (next < 0) return null;
    gaps += next - from;
    from = next + character.length;
  }
  return 100 + gaps + depthOf(path);
}

function depthOf(path: string): number {
  return path.replace(/\/$/, '').split('/').length;
}
