import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunCharges } from '../../src/machines/run-charges.ts';
import type { Overdrawn } from '../../src/store/limits.ts';
import { NO_TOKENS } from '../../src/tokens.ts';

const OVER: Overdrawn = { used: 120, max: 100, runTokens: 20, resetAt: 7 };
const used = (inputTokens: number) => ({ ...NO_TOKENS, inputTokens });

test('[R28] a receipt is of the run that was stopped, whatever is allowed meanwhile', async () => {
  const answers: (Overdrawn | null)[] = [OVER, null];
  const charges = new RunCharges({
    spend: async () => answers.shift() ?? null,
    onSpent: () => {},
    onError: (error) => assert.fail(String(error)),
  });
  charges.progress('a', used(20));
  charges.progress('a', used(30));
  await new Promise(setImmediate);
  assert.deepEqual(charges.receipt('a', used(30)), { ...OVER, used: 130, runTokens: 30 });
  assert.equal(charges.receipt('b', used(1)), null);
});
