import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEndSignal } from '../../src/cli/signals.ts';

/** Signals at given times, and what they did. */
function signals() {
  const did: string[] = [];
  let at = 0;
  const handler = onEndSignal({
    drain: () => did.push('drain'),
    exitNow: () => did.push('exit'),
    now: () => at,
  });
  return {
    did,
    send(signal: NodeJS.Signals, ms: number) {
      at = ms;
      handler(signal);
    },
  };
}

test('[R23] the first signal drains, a second one exits at once, however soon', () => {
  const { did, send } = signals();
  send('SIGTERM', 5);
  assert.deepEqual(did, ['drain']);
  send('SIGTERM', 6);
  assert.deepEqual(did, ['drain', 'exit']);
});

test('one Ctrl-C that comes twice, from the terminal and from npm, is one; a second press is another', () => {
  const { did, send } = signals();
  send('SIGINT', 5);
  send('SIGINT', 104);
  assert.deepEqual(did, ['drain']);
  send('SIGINT', 105);
  assert.deepEqual(did, ['drain', 'exit']);
});
