/** The operator's file of single users' limits. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { Refused } from './settings.ts';

const MAX = 'accepts a whole number from 0 to 1000000000, or "unlimited"';
const Max = v.pipe(
  v.union([v.number(), v.literal('unlimited')], MAX),
  v.check(
    (max) => typeof max !== 'number' || (Number.isInteger(max) && max >= 0 && max <= 1e9),
    MAX,
  ),
  v.transform((max) => (max === 'unlimited' ? null : max)),
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
export type Overrides = v.InferOutput<typeof Overrides>;

/** @throws {Refused} Naming what is wrong and what is accepted. */
export function readOverrides(file: string): Overrides {
  const given = parse(readFileSync(file, 'utf8'));
  const result = v.safeParse(Overrides, given);
  if (result.success) {
    if (Array.isArray(given)) throw new Refused('accepts an object, by user');
    // Valibot drops what JavaScript has a meaning for, as `constructor`.
    const dropped = Object.keys(given as object).find(
      (user) => !Object.hasOwn(result.output, user),
    );
    if (dropped === undefined) return result.output;
    throw new Refused(`${dropped}: cannot be the name of a user here`);
  }
  throw new Refused(result.issues.map(describe).join('; '));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Refused('is not JSON');
  }
}

/** What is wrong inside of an object says more than that it is none of what is accepted. */
function describe(issue: v.BaseIssue<unknown>): string {
  const inner = issue.issues?.findLast((one) => v.getDotPath(one) !== null);
  const path = [issue, ...(inner ? [inner] : [])].map((one) => v.getDotPath(one)).join('.');
  return `${path}: ${(inner ?? issue).message}`;
}
