import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Adoption } from '../../src/cli/adoption.ts';
import type { FaultCode } from '../../src/faults.ts';
import { conversationKey, type RunRecord } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';

const run = (runId: string): RunRecord => ({
  ...{ key: conversationKey('ada', runId), runId, digest: runId, text: runId },
  ...{ parked: false, started: false, ended: false, before: null },
});

let adoption: Adoption | null = null;
afterEach(() => adoption?.stop());

/** What is found at once, and then at each look. */
function adopting(found: RunRecord[], prompt: (runId: string) => Promise<FaultCode | null>) {
  const prompted: string[] = [];
  const claimed: RunRecord[] = [];
  const withdrawn: string[] = [];
  adoption = new Adoption(
    {
      resume: async () => {},
      waiting: async () => claimed.splice(0),
      prompt: (one) => {
        prompted.push(one.runId);
        return prompt(one.runId);
      },
      withdraw: async ({ runId }) => withdrawn.push(runId),
      log: createLog('silent'),
    },
    found,
  );
  return { adoption, prompted, claimed, withdrawn };
}

test('[R21] a prompt that was taken over is handed on until it is taken', async () => {
  const outcomes = [
    () => Promise.reject(new Error('down')),
    async () => 'queue.full' as const,
    async () => null,
  ];
  const at = adopting([run('r')], () => outcomes.shift()?.() ?? assert.fail('handed on twice'));
  for (let i = 0; i < 4; i += 1) await at.adoption.look();
  assert.deepEqual(at.prompted, ['r', 'r', 'r']);
});

test('[R21] a prompt whose owner does not answer keeps no other waiting', async () => {
  const at = adopting([run('slow')], (runId) =>
    runId === 'slow' ? new Promise(() => {}) : Promise.resolve(null),
  );
  at.claimed.push(run('quick'));
  await at.adoption.look();
  await at.adoption.look();
  assert.deepEqual(at.prompted, ['slow', 'quick']);
});

test('[R21] an answer whose server went is not run as a prompt without words', async () => {
  const at = adopting([{ ...run('r'), text: '' }], async () => null);
  for (let i = 0; i < 2; i += 1) await at.adoption.look();
  assert.deepEqual(at.prompted, []);
  assert.deepEqual(at.withdrawn, ['r']);
});
