import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultError } from '../../src/faults.ts';
import { Days } from '../../src/store/days.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { dateIn, usageCsv, usageQuery } from '../../src/transport/usage.ts';

test('[LI9] the date in a zone is the day that limits count by', () => {
  for (const timeZone of ['UTC', 'Asia/Kolkata', 'America/Los_Angeles', 'Asia/Beirut'])
    for (let at = Date.UTC(2026, 2, 27); at < Date.UTC(2026, 2, 31); at += 1_800_000)
      assert.equal(dateIn(timeZone, at), new Days(timeZone).of(at).date);
});

test('[LI9] without days named the last thirty are asked for', () => {
  const asked = usageQuery({ from: null, to: null }, 'ada', '2026-11-25');
  assert.deepEqual(asked, { from: '2026-10-27', to: '2026-11-25', user: 'ada' });
  assert.throws(() => usageQuery({ from: '25.11.2026', to: null }, null, ''), FaultError);
});

test('[LI9] a name in CSV is text, whatever a spreadsheet would take it for', () => {
  const day = { ...NO_TOKENS, day: '2026-11-25', prompts: 1, costUsd: 0.5 };
  const users = ['=1+1', '-x', 'a,"b"', 'ada'];
  const lines = usageCsv(users.map((user) => ({ ...day, user }))).split('\r\n');
  assert.deepEqual(
    lines.slice(1, -1).map((line) => line.slice('2026-11-25,'.length, -',1,0,0,0,0,0.5'.length)),
    ["'=1+1", "'-x", '"a,""b"""', 'ada'],
  );
});
