import assert from 'node:assert/strict';
import { mkdtempSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askControl, listenForControl } from '../../src/transport/control.ts';
import { controlPath } from '../../src/transport/control-path.ts';

const newDir = () => mkdtempSync(join(tmpdir(), 'greenroom-'));
const STATE = { state: async () => ({ pid: 4711 }) };

test('[R13] a second server on a data directory is refused, and told who holds it', async () => {
  const dir = newDir();
  const server = await listenForControl(dir, STATE);
  await assert.rejects(listenForControl(dir, STATE), /4711/);
  server.close();
});

test('[R13] a holder that answers nonsense still holds the data directory', async () => {
  // Any failure to ask counts as “nobody there”, a holder that hangs for 5 s too: its socket is then taken.
  const dir = newDir();
  const holder = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nnot json'));
  await new Promise<void>((resolve) => holder.listen(controlPath(dir), resolve));
  const outcome = await listenForControl(dir, STATE).then(
    (server) => server,
    () => null,
  );
  outcome?.close();
  holder.close();
  assert.equal(outcome, null);
});

test('[R13] a socket that a dead server left behind is replaced', async () => {
  const dir = newDir();
  const { spawnSync } = await import('node:child_process');
  const script = `require('net').createServer().listen(${JSON.stringify(controlPath(dir))}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.ok(statSync(controlPath(dir)).isSocket());
  const server = await listenForControl(dir, STATE);
  assert.deepEqual(await askControl(dir, 'state', {}), { pid: 4711 });
  server.close();
});

test('the control socket is for its owner alone', async () => {
  const dir = newDir();
  const server = await listenForControl(dir, STATE);
  assert.equal(statSync(controlPath(dir)).mode & 0o777, 0o600);
  server.close();
});

test('listening for control leaves the process’s umask as it was', async () => {
  const before = process.umask();
  const servers = await Promise.all([
    listenForControl(newDir(), STATE),
    listenForControl(newDir(), STATE),
  ]);
  const after = process.umask(before);
  for (const server of servers) server.close();
  assert.equal(after, before);
});

test('an unknown command, bad JSON and a handler that fails are answered as errors', async (t) => {
  // `constructor` is found on the handlers’ prototype, and answered.
  const dir = newDir();
  const server = await listenForControl(dir, {
    bad: async () => {
      throw new RangeError('no');
    },
  });
  t.after(() => server.close());
  for (const command of ['nothing', 'constructor', '__proto__', 'bad'])
    await assert.rejects(askControl(dir, command, {}), /unknown command|no/, command);
});

test('a path too long for a socket names the setting', () => {
  assert.throws(() => controlPath(`/${'x'.repeat(120)}`), /CHAT_DATA_DIR/);
});
