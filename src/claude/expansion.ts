/**
 * Which prompts the CLI may read as more than text. Where it does, it runs the slash command a prompt begins
 * with and reads the files it mentions as `@path`, wherever these are and through links; so only a prompt is
 * handed to it so whose command is allowed and whose mentions all lie in the working directory.
 */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';

/** Mentions in one prompt; one with more is text. */
const MENTIONS_MAX = 20;

/**
 * Every `@` must begin one of these, or stand in a word as in an address. They are plainer than what the CLI
 * takes, so that it cannot read another path out of one than is looked at here.
 */
const MENTION = /(?<=^|\s)@(?:"([\p{L}\p{N}._/ -]+)"|([\p{L}\p{N}._/-]+))(?=[\s,;:!?)]|$)/gu;
const IN_A_WORD = /(?<=[A-Za-z0-9])@/g;
const COMMAND = /^\/([A-Za-z][A-Za-z0-9_:-]*)(?=\s|$)/;

export interface ExpansionRules {
  /** Names of slash commands, without the slash. */
  readonly commands: readonly string[];
  readonly directory: string;
}

export function mayExpand(text: string, { commands, directory }: ExpansionRules): boolean {
  const command = COMMAND.exec(text)?.[1];
  const isAllowed = command !== undefined && commands.includes(command);
  if (text.trimStart().startsWith('/') && !isAllowed) return false;
  const paths = mentionsIn(text);
  if (paths === null || (!isAllowed && paths.length === 0)) return false;
  return paths.every((path) => liesIn(directory, path));
}

/** What is mentioned; null where an `@` may mean something else. */
function mentionsIn(text: string): string[] | null {
  const paths = [...text.matchAll(MENTION)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const others = text.replaceAll(MENTION, '').replaceAll(IN_A_WORD, '').includes('@');
  return others || paths.length > MENTIONS_MAX ? null : paths;
}

/** A full stop may end the sentence instead of the path: whichever exists must lie inside. */
function liesIn(directory: string, path: string): boolean {
  const isSpecial = isAbsolute(path) || path.startsWith('agent-') || path.split('/').includes('..');
  if (isSpecial) return false;
  const trimmed = path.replace(/[.\s/]+$/, '');
  const found = [...new Set([path, trimmed])].map((one) => place(directory, one));
  return found.includes('inside') && !found.includes('outside');
}

function place(directory: string, path: string): 'inside' | 'outside' | 'nowhere' {
  try {
    const root = realpathSync(directory);
    const real = realpathSync(join(root, path));
    const stats = statSync(real);
    // A pipe or a device would hold the CLI up.
    const isPlain = stats.isFile() || stats.isDirectory();
    return isPlain && (real === root || real.startsWith(root + sep)) ? 'inside' : 'outside';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'nowhere' : 'outside';
  }
}
