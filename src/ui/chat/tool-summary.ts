/** What a tool call is about, in one line, by the names and inputs of Claude Code's own tools. */
import { words } from '../words/words.ts';

type Input = Record<string, unknown>;

/** The fields that say most about a call whose tool is not known, best first. */
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
  'subject',
];
const LINE_MAX = 200;

/** A tool's input as an object; null while it is still streaming or is none. */
export function toolInput(args: string): Input | null {
  try {
    const value: unknown = JSON.parse(args);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Input)
      : null;
  } catch {
    return null;
  }
}

/** One short line for a tool call: its command, path or query. Empty when nothing is telling. */
export function toolSummary(name: string, args: string): string {
  const input = toolInput(args);
  return input ? oneLine(summaryOf(name, input)) : '';
}

function summaryOf(name: string, input: Input): string {
  switch (name) {
    case 'Read': {
      const from = number(input.offset);
      const lines = number(input.limit);
      if (from === null && lines === null) return text(input.file_path);
      const path = text(input.file_path);
      return lines === null
        ? words.chat.linesFrom(path, from ?? 1)
        : words.chat.lines(path, from ?? 1, (from ?? 1) + lines - 1);
    }
    case 'Grep':
    case 'Glob': {
      const where = text(input.path) || text(input.glob);
      const pattern = text(input.pattern);
      return where === '' ? pattern : words.chat.patternIn(pattern, where);
    }
    case 'WebFetch':
      return URL.parse(text(input.url))?.host ?? text(input.url);
    case 'Task':
    case 'Agent':
      return text(input.description) || text(input.prompt);
    case 'AskUserQuestion':
      return questionsIn(input)
        .map(({ question }) => question)
        .join(' ');
    default:
      return TELLING.map((field) => text(input[field])).find((value) => value !== '') ?? '';
  }
}

/** Who a subagent is, by the call that began it. */
export function laneWords(args: string): { name: string; description: string } {
  const input = toolInput(args) ?? {};
  return {
    name: text(input.subagent_type) || words.chat.aSubagent,
    description: text(input.description),
  };
}

/**
 * A tool's input exactly, for a person to judge: a command alone as itself, anything else as JSON. Nothing is
 * cut or left out, because what is approved here is what runs.
 */
export function exactInput(input: unknown): { text: string; note: string } {
  if (typeof input === 'object' && input !== null && 'command' in input) {
    const { command, description, ...rest } = input as Input;
    if (typeof command === 'string' && Object.keys(rest).length === 0)
      return { text: command, note: text(description) };
  }
  return { text: JSON.stringify(input, null, 2) ?? '', note: '' };
}

/** One piece of text that a call replaces by another; `before` is empty for what is new. */
export interface Edit {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What a call changes in files, where its tool is one that does and its input is whole. */
export function editsIn(name: string, input: Input): Edit[] {
  const path = text(input.file_path);
  switch (name) {
    case 'Edit':
      return [{ path, before: text(input.old_string), after: text(input.new_string) }];
    case 'MultiEdit':
      return list(input.edits).map(({ old_string, new_string }) => ({
        path,
        before: text(old_string),
        after: text(new_string),
      }));
    case 'Write':
      return [{ path, before: '', after: text(input.content) }];
    default:
      return [];
  }
}

export interface Question {
  readonly question: string;
  readonly header: string;
  readonly options: readonly { readonly label: string; readonly description: string }[];
  readonly multiSelect: boolean;
}

/** What AskUserQuestion asks; what cannot be read of it is left out. */
export function questionsIn(input: Input): Question[] {
  return list(input.questions)
    .map(({ question, header, options, multiSelect }) => ({
      question: text(question),
      header: text(header),
      options: list(options).map(({ label, description }) => ({
        label: text(label),
        description: text(description),
      })),
      multiSelect: multiSelect === true,
    }))
    .filter(({ question }) => question !== '');
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').slice(0, LINE_MAX);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function list(value: unknown): Input[] {
  return Array.isArray(value)
    ? value.filter((one): one is Input => typeof one === 'object' && one !== null)
    : [];
}
