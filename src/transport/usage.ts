/** What was used on which days, asked for and told: as JSON, or as CSV (RFC 4180) for a spreadsheet. */
import { FaultError } from '../faults.ts';
import type { UsageOfDay, UsageQuery } from '../store/limits.ts';

/** Days told when none are named. */
const DAYS_SHOWN = 30;
const DAY_MS = 24 * 3_600_000;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

const COLUMNS = {
  day: 'day',
  user: 'user',
  prompts: 'prompts',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  costUsd: 'cost_usd',
} as const satisfies Record<keyof UsageOfDay, string>;

/** The date in a zone, as Swedes write it. For this alone Temporal would take 7 MB of the server's memory. */
export function dateIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at);
}

/**
 * @param from @param to Days, both included, as 2026-11-25; null: the last 30 until `today`.
 * @throws {FaultError} `request.malformed`, naming what is accepted.
 */
export function usageQuery(
  { from, to }: { from: string | null; to: string | null },
  user: string | null,
  today: string,
): UsageQuery {
  const last = dateOf('to', to) ?? today;
  const first =
    dateOf('from', from) ??
    new Date(Date.parse(last) - (DAYS_SHOWN - 1) * DAY_MS).toISOString().slice(0, 10);
  return { from: first, to: last, user };
}

function dateOf(name: string, given: string | null): string | null {
  if (given === null) return null;
  if (!DATE.test(given))
    throw new FaultError('request.malformed', `${name}: accepts a day, as 2026-11-25`);
  return given;
}

export function usageCsv(usage: readonly UsageOfDay[]): string {
  const keys = Object.keys(COLUMNS) as (keyof UsageOfDay)[];
  const lines = usage.map((day) => keys.map((key) => cell(day[key])).join(','));
  return [Object.values(COLUMNS).join(','), ...lines, ''].join('\r\n');
}

/** For a terminal: figures to the right. */
export function usageTable(usage: readonly UsageOfDay[]): string {
  if (usage.length === 0) return 'nothing was used on these days';
  const keys = Object.keys(COLUMNS) as (keyof UsageOfDay)[];
  const rows = usage.map((day) =>
    keys.map((key) => (key === 'costUsd' ? day.costUsd.toFixed(2) : String(day[key]))),
  );
  const all = [Object.values(COLUMNS).map((name) => name.replaceAll('_', ' ')), ...rows];
  const widths = keys.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((text, i) => (i < 2 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A name that a spreadsheet would take for a formula is told to be text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
