/** What the word at the caret may be completed to: a command at the start of a prompt, or a file after an `@`. */
import type { CommandOffer } from '../../transport/protocol.ts';
import { SHORTCUTS } from '../shortcuts.ts';

const COMMAND = new RegExp(`^${SHORTCUTS.command.key}([\\w:-]*)$`);
const FILE = new RegExp(`(?:^|\\s)${SHORTCUTS.file.key}([^\\s@]*)$`);

export interface Unfinished {
  readonly kind: 'command' | 'file';
  /** Without its `/` or `@`. */
  readonly query: string;
  /** Where it begins in the text, its mark included; it ends at the caret. */
  readonly start: number;
}

export interface Suggestion {
  /** What takes the place of the unfinished word. */
  readonly insert: string;
  readonly label: string;
  readonly hint: string;
}

export function unfinishedAt(text: string, caret: number): Unfinished | null {
  const before = text.slice(0, caret);
  const command = COMMAND.exec(before)?.[1];
  if (command !== undefined) return { kind: 'command', query: command, start: 0 };
  const file = FILE.exec(before)?.[1];
  if (file === undefined) return null;
  return { kind: 'file', query: file, start: caret - file.length - 1 };
}

export function commandsFor(query: string, commands: readonly CommandOffer[]): Suggestion[] {
  const wanted = query.toLowerCase();
  return commands
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.name.startsWith(wanted)) - Number(a.name.startsWith(wanted)))
    .map(({ name, description, argumentHint }) => ({
      insert: `/${name} `,
      label: `/${name}${argumentHint === '' ? '' : ` ${argumentHint}`}`,
      hint: description,
    }));
}

/** A folder stays open for more. */
export function filesFor(paths: readonly string[]): Suggestion[] {
  return paths.map((path) => ({
    insert: `@${path}${path.endsWith('/') ? '' : ' '}`,
    label: path,
    hint: '',
  }));
}
