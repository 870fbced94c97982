/** What each user may use: as the settings say for all, and as the operator's file says for single ones. */
import { unwatchFile, watchFile } from 'node:fs';
import type { Config } from '../config.ts';
import { type Overrides, readOverrides } from '../limits-file.ts';
import type { Allowance } from '../store/limits.ts';
import type { Log } from '../telemetry/log.ts';

/** How often the file is looked at: it may be a mounted one, whose changes nothing tells. */
const LOOK_MS = 2_000;

const UNLIMITED: Allowance = { hour: null, day: null, tokens: null, runs: null };

export class Allowances {
  readonly #common: Allowance;
  #overrides: Overrides = {};
  #file: string | null = null;

  /** @throws {Refused} Where the file was changed since the settings were read, and is wrong. */
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
