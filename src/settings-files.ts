/** Settings that name files and directories which must be there at the start. */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { Refused, setting } from './settings.ts';

/** A file that must be there and readable at the start. */
export function file(
  env: string,
  help: string,
  kind: 'text' | 'JSON',
  aliases: readonly string[] = [],
) {
  const accepts = `the path of a readable file of ${kind}`;
  return setting<string | null>(
    env,
    help,
    accepts,
    null,
    null,
    (raw) => {
      const path = resolve(raw);
      const text = readGivenFile(path);
      // Its own words would quote the file.
      if (kind === 'JSON' && !isJson(text)) throw new Refused(`${path} is not JSON`);
      return path;
    },
    aliases,
  );
}

/** A path that must be absolute, and there. */
export function existingPath(raw: string): string {
  if (!isAbsolute(raw)) throw new Refused(`${raw} is not absolute`);
  if (!existsSync(raw)) throw new Refused(`${raw} is not there`);
  return resolve(raw);
}

function readGivenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refused(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
