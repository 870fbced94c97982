/** The settings about how much each user may use. */
import { resolve } from 'node:path';
import { readOverrides } from './limits-file.ts';
import { cap, integer, setting } from './settings.ts';

export const LIMIT_SETTINGS = {
  maxRequestsPerHour: cap(
    'CHAT_MAX_REQUESTS_PER_HOUR',
    'prompts a user may send in any hour',
    'prompts',
    60,
  ),
  maxRequestsPerDay: cap(
    'CHAT_MAX_REQUESTS_PER_DAY',
    'prompts a user may send in a day of CHAT_TIME_ZONE',
    'prompts',
    500,
  ),
  maxTokensPerDay: cap(
    'CHAT_MAX_TOKENS_PER_DAY',
    'tokens a user may use in a day of CHAT_TIME_ZONE: input, cache writes and output; cache reads are not counted',
    'tokens',
    1_000_000,
  ),
  maxRunsPerUser: cap(
    'CHAT_MAX_RUNS_PER_USER',
    'conversations of a user that may be at work at once',
    'conversations',
    10,
  ),
  reservedTokens: integer(
    'CHAT_RESERVED_TOKENS',
    'tokens held from the day’s for each run until it has used as many, so that many at once do not pass the limit together',
    'tokens',
    { initial: 2_000, min: 0, max: 1_000_000 },
  ),
  limitsFile: setting<string | null>(
    'CHAT_LIMITS_FILE',
    'limits of single users, read again when it changes: {"alice": "unlimited", "bob": {"requestsPerHour": 5, "requestsPerDay": 50, "tokensPerDay": 200000, "runs": 1}}; what is left out is as for all',
    'the path of a readable file of JSON, as above',
    null,
    null,
    (raw) => {
      const path = resolve(raw);
      readOverrides(path);
      return path;
    },
  ),
  timeZone: setting(
    'CHAT_TIME_ZONE',
    'where the days begin that limits and usage are counted by; unset: the machine’s',
    'an IANA time zone, as Europe/Berlin',
    Intl.DateTimeFormat().resolvedOptions().timeZone,
    null,
    (raw) => new Intl.DateTimeFormat('en', { timeZone: raw }).resolvedOptions().timeZone,
  ),
};
