/** Log lines as a person at a terminal reads them: time, level, message, and its fields behind it. */
import type { DestinationStream } from 'pino';

/** What a terminal is, as far as it matters here; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  /** False also where `NO_COLOR` is set. */
  hasColors?(): boolean;
  write(text: string): unknown;
}

/** @returns Undefined where no person reads along: a file and a collector get JSON. */
export async function terminalLines(terminal: Terminal): Promise<DestinationStream | undefined> {
  if (terminal.isTTY !== true) return undefined;
  // For a person alone: a service need not load it.
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: terminal.hasColors?.() === true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  // Written at once, so that the last line before an end is seen, too.
  return { write: (line) => void terminal.write(pretty(line)) };
}
