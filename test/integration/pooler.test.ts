/** The contract of every store, once more, where a pooler stands between a server and its database. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { pgbouncerIsMissing } from '../support/pgbouncer.ts';

const NAME = 'postgres behind pgbouncer store';

test('[R24] the contract suite passes behind a pooler that gives each transaction another connection', {
  skip: pgbouncerIsMissing() ?? false,
  timeout: 600_000,
}, async () => {
  const { NODE_TEST_CONTEXT, ...env } = process.env; // it is a run of its own
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--test', '--test-reporter=tap', `--test-name-pattern=${NAME}`, 'test/contract/*.test.ts'],
    { env: { ...env, STORE_POOLER: 'pgbouncer' }, maxBuffer: 64 * 1024 * 1024 },
  );
  const passed = stdout.matchAll(/^ {4}ok \d+ - /gm);
  assert.ok([...passed].length > 20, stdout);
});
