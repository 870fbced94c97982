/** `greenroom smoke URL`: checks a live edge from outside, as an operator does after a deploy. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inWords, runChecks } from './findings.ts';
import { ANSWER_CHECKS } from './smoke/answer-checks.ts';
import { EDGE_CHECKS } from './smoke/edge-checks.ts';
import type { EdgeTarget } from './smoke/edge-client.ts';
import { UsageError } from './usage.ts';

/** A name and a value that can stand in a header. */
const COOKIE = /^[A-Za-z0-9_-]+=[A-Za-z0-9_\-.+/=]+$/;

/**
 * @param given `NAME=VALUE` from the environment: an argument could be read by every user of the machine.
 * @returns What to print, and whether no check failed.
 */
export async function smoke(
  args: readonly string[],
  given: string | undefined,
): Promise<{ text: string; healthy: boolean }> {
  const { target, json } = readArgs(args, given);
  const told = await runChecks(EDGE_CHECKS, target);
  if (target.cookie !== null) told.push(...(await runChecks(ANSWER_CHECKS, target)));
  const healthy = told.every(({ state }) => state !== 'fail');
  if (json) return { text: JSON.stringify({ healthy, checks: told }, null, 2), healthy };
  const hint =
    target.cookie === null
      ? '\nNo sign-in was given: no answer was streamed. Put what `greenroom session --user smoke --ttl 5m` prints into GREENROOM_SMOKE_COOKIE or a --cookie-file.'
      : '';
  return { text: inWords(told) + hint, healthy };
}

function readArgs(args: readonly string[], given: string | undefined) {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        insecure: { type: 'boolean' },
        'cookie-file': { type: 'string' },
      },
      allowPositionals: true,
    });
    const [address = ''] = positionals;
    if (positionals.length !== 1 || !/^https?:\/\//.test(address) || !URL.canParse(address))
      throw new Error('name one URL, that of the page: https://chat.example.org/chat/');
    const url = new URL(address);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    if (url.search + url.hash + url.username !== '' || url.pathname === '/')
      throw new Error('the URL of the page has a path and nothing behind it, as …/chat/');
    const file = values['cookie-file'];
    const cookie = (file === undefined ? given : readFileSync(file, 'utf8'))?.trim() || null;
    if (cookie !== null && !COOKIE.test(cookie)) throw new Error('the cookie is not NAME=VALUE');
    const target: EdgeTarget = { url, cookie, insecure: values.insecure === true };
    return { target, json: values.json === true };
  } catch (error) {
    throw new UsageError(`smoke: ${(error as Error).message}`);
  }
}
