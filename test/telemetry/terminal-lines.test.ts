import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { type Terminal, terminalLines } from '../../src/telemetry/terminal-lines.ts';

/** Something to write to, and what was written. */
function staged(isTTY: boolean, colours = false) {
  const written: string[] = [];
  const terminal: Terminal = {
    isTTY,
    hasColors: () => colours,
    write: (text) => written.push(text),
  };
  return { terminal, written };
}

test('what is no terminal gets lines as they are', async () => {
  assert.equal(await terminalLines(staged(false).terminal), undefined);
});

test('at a terminal an event is one line: time, level, message, fields', async () => {
  const { terminal, written } = staged(true);
  const log = createLog('info', await terminalLines(terminal)).child({ session: 's1' });
  log.info({ user: 'alice' }, 'session opened');
  log.debug('not wanted');
  assert.equal(written.length, 1);
  assert.match(
    written[0] ?? '',
    /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: session opened \{"session":"s1","user":"alice"\}\n$/,
  );
});

test('[R59] what is cut stays cut, and nothing a field holds steers the terminal', async () => {
  const { terminal, written } = staged(true);
  const log = createLog('info', await terminalLines(terminal));
  log.warn({ prompt: 'CANARY-77', why: 'a\u001b[2Jb\nc' }, 'one');
  assert.doesNotMatch(written.join(''), /CANARY-77/);
  assert.ok(!written.join('').includes('\u001b') && !written.join('').includes('b\nc'));
});

test('colours are for a terminal that has them', async () => {
  const { terminal, written } = staged(true, true);
  createLog('info', await terminalLines(terminal)).info('one');
  assert.ok(written[0]?.includes('\u001b['));
});
