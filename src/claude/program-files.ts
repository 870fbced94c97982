/** What of the file system a program is made of, so that it can be shown to it where nothing else is. */
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Bind } from './sandbox.ts';

/** The first line of a script is read this far; Linux itself reads 256 bytes. */
const SHEBANG_BYTES = 256;

/**
 * @param command A program by its absolute path, and its leading arguments: files among them are its scripts.
 * @param path PATH, where the interpreter of a script may have to be looked for.
 */
export function programFiles(command: readonly string[], path: string): Bind[] {
  const [program = '', ...rest] = command;
  const scripts = rest.filter((arg) => isAbsolute(arg) && existsSync(arg));
  return [...programBinds(program, path), ...scripts.flatMap(scriptBinds)];
}

function programBinds(program: string, path: string): Bind[] {
  const interpreter = interpreterOf(program, path);
  if (interpreter === null) return fileBinds(program);
  return [...scriptBinds(program), ...fileBinds(interpreter)];
}

/** A file, also under the name of the link it was found by. */
export function fileBinds(file: string): Bind[] {
  const real = realpathSync(file);
  return [...new Set([real, file])].map((at) => ({ from: real, at }));
}

function scriptBinds(script: string): Bind[] {
  const root = packageRoot(dirname(realpathSync(script)));
  return [...(root === null ? [] : [{ from: root, at: root }]), ...fileBinds(script)];
}

/** A stray manifest in a home directory or above does not make a package of it all. */
function packageRoot(dir: string): string | null {
  const home = realpathSync(homedir());
  if (dir === '/' || dir === home || home.startsWith(`${dir}/`)) return null;
  return existsSync(join(dir, 'package.json')) ? dir : packageRoot(dirname(dir));
}

/** Null when the program is no script, or its interpreter is nowhere. */
function interpreterOf(program: string, path: string): string | null {
  const [, first = '', second = ''] =
    /^#!\s*(\S+)(?:[ \t]+([^\s=-]\S*))?/.exec(head(program)) ?? [];
  if (first === '') return null;
  if (!first.endsWith('/env')) return existsSync(first) ? first : null;
  const places = path.split(delimiter).map((dir) => join(dir, second));
  return places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile()) ?? null;
}

function head(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(SHEBANG_BYTES);
    return bytes.toString('latin1', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
