/** What each user may use: as the settings say for all, and as the operator's file says for single ones. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import type { Allowance } from '../store/limits.ts';
import type { Log } from '../telemetry/log.ts';

/** How often the file is looked at: it may be a mounted one, whose changes nothing tells. */
const LOOK_MS = 2_000;

const Max = v.union(
  [
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000)),
    v.pipe(
      v.literal('unlimited'),
      v.transform(() => null),
    ),
  ],
  'accepts a whole number from 0 to 1000000000, or "unlimited"',
);
const Own = v.strictObject(
  {
    requestsPerHour: v.optional(Max),
    requestsPerDay: v.optional(Max),
    tokensPerDay: v.optional(Max),
    runs: v.optional(Max),
  },
  'accepts requestsPerHour, requestsPerDay, tokensPerDay and runs, or "unlimited"',
);
const Overrides = v.record(v.string(), v.union([v.literal('unlimited'), Own]));
type Overrides = v.InferOutput<typeof Overrides>;

const UNLIMITED: Allowance = { hour: null, day: null, tokens: null, runs: null };

export class Allowances {
  readonly #common: Allowance;
  #overrides: Overrides = {};
  #file: string | null = null;

  /** @throws {Error} Where the file of single users' limits is wrong, naming what in it and what is accepted. */
  constructor(config: Config, log: Pick<Log, 'info' | 'error'>, onChanged: () => void) {
    this.#common = {
      hour: config.maxRequestsPerHour,
      day: config.maxRequestsPerDay,
      tokens: config.maxTokensPerDay,
      runs: config.maxRunsPerUser,
    };
    const file = config.limitsFile;
    if (file === null) return;
    this.#file = file;
    this.#overrides = readOverrides(file);
    watchFile(file, { interval: LOOK_MS, persistent: false }, () => {
      try {
        this.#overrides = readOverrides(file);
        log.info({ users: Object.keys(this.#overrides).length }, 'the limits of users were read');
        onChanged();
      } catch (error) {
        log.error({ err: error }, 'CHAT_LIMITS_FILE was changed and is wrong: the limits stay');
      }
    });
  }

  of(user: string): Allowance {
    if (!Object.hasOwn(this.#overrides, user)) return this.#common;
    const own = this.#overrides[user];
    if (own === undefined || own === 'unlimited') return UNLIMITED;
    const { hour, day, tokens, runs } = this.#common;
    return {
      hour: own.requestsPerHour === undefined ? hour : own.requestsPerHour,
      day: own.requestsPerDay === undefined ? day : own.requestsPerDay,
      tokens: own.tokensPerDay === undefined ? tokens : own.tokensPerDay,
      runs: own.runs === undefined ? runs : own.runs,
    };
  }

  close(): void {
    if (this.#file !== null) unwatchFile(this.#file);
  }
}

/** @throws {Error} Naming what is wrong and what is accepted. */
export function readOverrides(file: string): Overrides {
  const given = parse(readFileSync(file, 'utf8'));
  const result = v.safeParse(Overrides, given);
  if (result.success) {
    if (Array.isArray(given)) throw new Error('CHAT_LIMITS_FILE: accepts an object, by user');
    // Valibot drops what JavaScript has a meaning for, as `constructor`.
    const dropped = Object.keys(given as object).find(
      (user) => !Object.hasOwn(result.output, user),
    );
    if (dropped === undefined) return result.output;
    throw new Error(`CHAT_LIMITS_FILE: ${dropped}: cannot be the name of a user here`);
  }
  const lines = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'it'}: ${deepest(issue)}`);
  throw new Error(`CHAT_LIMITS_FILE: ${lines.join('; ')}`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error('CHAT_LIMITS_FILE: is not JSON');
  }
}

/** Of a union the words of its members say more than its own. */
function deepest(issue: v.BaseIssue<unknown>): string {
  const inner = issue.issues?.at(-1);
  if (inner === undefined) return issue.message;
  const path = v.getDotPath(inner);
  return path === null ? inner.message : `${path}: ${inner.message}`;
}
