import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { RunMeter } from '../../src/telemetry/run-meter.ts';

function staged() {
  let now = 0;
  const registry = new Registry();
  const meter = new RunMeter(registry, () => now);
  /** Lines of the exposition that begin so, without the name. */
  const lines = async (name: string) =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith(name))
      .map((line) => line.slice(name.length));
  return {
    meter,
    lines,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const MODEL =
  'gen_ai_operation_name="invoke_agent",gen_ai_provider_name="anthropic",gen_ai_request_model="opus"';
const USAGE = { inputTokens: 10, cacheReadTokens: 200, cacheWriteTokens: 3, outputTokens: 40 };

test('a run is timed to its first chunk, from chunk to chunk, and to its end', async () => {
  const { meter, lines, pass } = staged();
  const run = meter.begin({ model: 'opus' });
  pass(300);
  run.heard();
  pass(20);
  run.heard();
  pass(30);
  run.heard();
  pass(650);
  run.ended('done', USAGE);
  const sums = await Promise.all(
    [
      'time_to_first_chunk_seconds_sum',
      'time_per_output_chunk_seconds_sum',
      'duration_seconds_sum',
    ].map((name) => lines(`gen_ai_client_operation_${name}`)),
  );
  assert.deepEqual(sums.flat(), [`{${MODEL}} 0.3`, `{${MODEL}} 0.05`, `{${MODEL}} 1`]);
  assert.deepEqual(await lines('gen_ai_client_token_usage_sum'), [
    `{${MODEL},gen_ai_token_type="input"} 213`,
    `{${MODEL},gen_ai_token_type="output"} 40`,
  ]);
  assert.deepEqual(await lines('greenroom_runs_ended_total'), ['{outcome="done"} 1']);
});

test('a fault is the type of the error; what was cancelled or asks is none', async () => {
  const { meter, lines } = staged();
  for (const outcome of ['claude.crashed', 'interrupted', 'cancelled', 'blocked'] as const)
    meter.begin({ model: null }).ended(outcome, null);
  const counts = (await lines('gen_ai_client_operation_duration_seconds_count')).map(
    (line) => /error_type="([^"]+)"/.exec(line)?.[1] ?? 'none',
  );
  assert.deepEqual(counts.sort(), ['claude.crashed', 'interrupted', 'none']);
  assert.equal((await lines('greenroom_runs_ended_total')).length, 4);
  assert.deepEqual(await lines('gen_ai_client_token_usage_sum'), [], 'unknown is not nothing');
  assert.deepEqual(await lines('gen_ai_client_operation_time_to_first_chunk_seconds_sum'), []);
});
