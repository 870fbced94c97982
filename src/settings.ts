/**
 * The kinds of setting, and how a table of them is read from an environment.
 * `X_FILE` reads X from a file (one trailing newline cut); an empty value counts as unset.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Setting<T> {
  readonly env: string;
  readonly aliases: readonly string[];
  /** One line for people; ends without a full stop. */
  readonly help: string;
  /** What is accepted, with unit and bounds: also the end of every error about this setting. */
  readonly accepts: string;
  /** As shown in `.env.example`; null: unset. */
  readonly shown: string | null;
  readonly initial: T;
  /** Throws a `Refused` when `raw` is not accepted. */
  readonly parse: (raw: string) => T;
}

export class Refused extends Error {}

/** Durations reach `setTimeout`, whose delay is a signed 32-bit number of milliseconds. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

export function setting<T>(
  env: string,
  help: string,
  accepts: string,
  initial: T,
  shown: string | null,
  parse: (raw: string) => T,
  aliases: readonly string[] = [],
): Setting<T> {
  return { env, aliases, help, accepts, shown, initial, parse };
}

/** @param o `initial` null: unset means something else than any number. */
export function integer<Unset extends null = never>(
  env: string,
  help: string,
  unit: string,
  o: { initial: number | NoInfer<Unset>; min: number; max: number },
) {
  const accepts = `a whole number of ${unit}, ${o.min} to ${o.max}`;
  const shown = o.initial === null ? null : String(o.initial);
  return setting<number | Unset>(env, help, accepts, o.initial, shown, (raw) =>
    wholeNumber(raw, o.min, o.max),
  );
}

/** A cap: `0` refuses all, `unlimited` (null) lifts it. */
export function cap(env: string, help: string, unit: string, initial: number) {
  const accepts = `a whole number of ${unit}, 0 (refuses all) to 1000000000, or unlimited`;
  return setting<number | null>(env, help, accepts, initial, String(initial), (raw) =>
    raw === 'unlimited' ? null : wholeNumber(raw, 0, 1_000_000_000),
  );
}

export function oneOf<const T extends string>(
  env: string,
  help: string,
  values: readonly T[],
  initial: T,
) {
  return setting<T>(env, help, values.join(', '), initial, initial, (raw) => {
    const found = values.find((value) => value === raw);
    if (found === undefined) throw new Refused();
    return found;
  });
}

export function text(env: string, help: string, accepts: string, aliases: readonly string[] = []) {
  return setting<string | null>(env, help, accepts, null, null, (raw) => raw, aliases);
}

export function path(
  env: string,
  help: string,
  initial: string | null,
  aliases: readonly string[] = [],
) {
  return setting<string | null>(
    env,
    help,
    'a path',
    initial,
    initial,
    (raw) => resolve(raw),
    aliases,
  );
}

export function list(
  env: string,
  help: string,
  accepts: string,
  item: (raw: string) => string,
  aliases: readonly string[] = [],
) {
  return setting<readonly string[] | null>(
    env, help, `${accepts}, separated by commas`, null, null,
    (raw) => raw.split(',').map((part) => item(part.trim())).filter((part) => part !== ''),
    aliases,
  ); // biome-ignore format: one list kind reads best on few lines
}

/** A secret: never a placeholder, never short. Refused values are not repeated in the error. */
export function secret(env: string, help: string, bytesMin: number) {
  return setting<string | null>(
    env,
    help,
    `a secret of at least ${bytesMin} bytes, no placeholder`,
    null,
    null,
    (raw) => checkSecret(raw, bytesMin),
  );
}

export function wholeNumber(raw: string, min: number, max: number): number {
  const value = /^-?\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
  if (!(value >= min && value <= max)) throw new Refused();
  return value;
}

export function checkSecret(raw: string, bytesMin: number): string {
  const placeholder =
    /^((seed-?me|change-?me|secret|password|example|placeholder)[-_. ]?)+$|^(.)\3*$/i;
  if (placeholder.test(raw) || Buffer.byteLength(raw) < bytesMin) throw new Refused();
  return raw;
}

export function httpUrl(raw: string): URL {
  const url = URL.parse(raw);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Refused();
  return url;
}

export function hostName(raw: string): string {
  const { hostname, href } = URL.parse(`https://${raw}`) ?? {};
  if (hostname !== raw.toLowerCase() || href !== `https://${hostname}/`) throw new Refused();
  return hostname;
}

export function origin(raw: string): string {
  const url = httpUrl(raw);
  // A star would be no wildcard: no browser sends such an Origin.
  if (url.origin !== raw.replace(/\/$/, '') || raw.includes('*')) throw new Refused();
  return url.origin;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** All that is wrong with an environment at once: one line a setting, naming it and what it accepts. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`bad configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Reads every setting of `table`; what is wrong goes to `problems`, one line a setting. */
export function readSettings<T extends Record<string, Setting<unknown>>>(
  table: T,
  env: Environment,
  problems: string[],
): { readonly [K in keyof T]: T[K]['initial'] } {
  const entries = Object.entries(table).map(([key, entry]) => [
    key,
    readSetting(entry, env, problems),
  ]);
  return Object.fromEntries(entries) as { readonly [K in keyof T]: T[K]['initial'] };
}

function readSetting(entry: Setting<unknown>, env: Environment, problems: string[]): unknown {
  try {
    const raw = readRaw([entry.env, ...entry.aliases], env);
    return raw === null ? fallback(entry) : entry.parse(raw);
  } catch (error) {
    const why =
      error instanceof Refused && error.message === '' ? '' : `${(error as Error).message}; `;
    problems.push(`${entry.env}: ${why}accepts ${entry.accepts}`);
    return entry.initial;
  }
}

/** Defaults that are paths are relative to where the server was started, as given ones are. */
function fallback(entry: Setting<unknown>): unknown {
  return entry.accepts === 'a path' && entry.shown !== null
    ? entry.parse(entry.shown)
    : entry.initial;
}

function readRaw(names: readonly string[], env: Environment): string | null {
  for (const name of names) {
    const direct = env[name] || null;
    const file = env[`${name}_FILE`] || null;
    if (direct !== null && file !== null) throw new Refused(`both it and ${name}_FILE are set`);
    if (file !== null) return readSecretFile(name, file);
    if (direct !== null) return direct;
  }
  return null;
}

function readSecretFile(name: string, file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || null;
  } catch (error) {
    throw new Refused(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
