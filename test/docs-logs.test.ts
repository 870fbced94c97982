/** docs/operations/logs.md lists what the server logs: all of it, and nothing else. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SECRET_FIELDS } from '../src/telemetry/log.ts';
import { logEventsIn } from './support/log-events.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/operations/logs.md'), 'utf8');
const LOGGED = globSync('src/**/*.ts', { cwd: ROOT, exclude: ['src/ui/**'] }).map((file) =>
  logEventsIn(file, readFileSync(join(ROOT, file), 'utf8')),
);

/** Rows of the tables of events: level, message, and the fields as they are written. */
const ROWS = [...PAGE.matchAll(/^\| (\w+) \| `([^`]+)` \| ([^|]*) \| [^|]+ \|$/gm)].map(
  ([, level = '', message = '', fields = '']) => ({ level, message, fields }),
);

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
const named = ({ level, message }: { level: string; message: string }) => `${level} ${message}`;

test('[R59] every message that may be logged is on the page, with its level, and none besides', () => {
  const logged = sorted(LOGGED.flatMap(({ events }) => events.map(named)));
  assert.ok(logged.length > 40);
  assert.deepEqual(sorted(ROWS.map(named)), logged);
  assert.equal(ROWS.length, logged.length, 'one is listed twice');
});

test('[R59] every name of the audit log is on the page, and none besides', () => {
  const listed = ROWS.flatMap(({ fields }) => {
    const names = /^`audit` ([^;]+)/.exec(fields)?.[1] ?? '';
    return [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  });
  const logged = sorted(LOGGED.flatMap(({ audits }) => audits));
  assert.ok(logged.length > 8);
  assert.deepEqual(sorted(listed), logged);
});

test('[R59] every field that is cut is on the page', () => {
  assert.deepEqual(
    SECRET_FIELDS.filter((name) => !PAGE.includes(`\`${name}\``)),
    [],
  );
});

test('a message that is not written out is found out', () => {
  const source = `log.info(\`a \${kind} one\`); parts.log.warn({ audit: 'x', user }, "two");`;
  const { events, audits } = logEventsIn('a.ts', source);
  assert.deepEqual(events.map(named), ['info a … one', 'warn two']);
  assert.deepEqual(audits, ['x']);
  for (const bad of ['this.#log.error({ err }, words)', "log.info({ audit: kind }, 'one')"])
    assert.throws(() => logEventsIn('a.ts', bad), /not written out/);
});
