import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DEMO_COMMAND, findAgent } from '../../src/claude/agent.ts';
import { settingsIn, tempDir } from './programs.ts';

/** A directory with a program `claude` that prints `status` for `auth status` and has a version. */
function fakeClaude(status: string, mode = 0o755): { dir: string; path: string; calls: string } {
  const dir = tempDir();
  const path = join(dir, 'claude');
  const calls = join(dir, 'calls');
  const script = `#!/bin/sh
echo "$@" "$ANTHROPIC_API_KEY" >> '${calls}'
case "$1" in
  --version) echo '2.1.330 (Claude Code)' ;;
  auth) echo '${status}' ;;
esac
`;
  writeFileSync(path, script, { mode });
  chmodSync(path, mode);
  return { dir, path, calls };
}

const settings = (path: string) => settingsIn(tempDir(), { inherited: { PATH: path } });

/** The same function where no Claude Code package is installed beside it. */
async function findAgentAlone(): Promise<typeof findAgent> {
  const dir = tempDir();
  const from = fileURLToPath(new URL('../../src/claude', import.meta.url));
  cpSync(from, join(dir, 'claude'), { recursive: true });
  const copied = await import(pathToFileURL(join(dir, 'claude', 'agent.ts')).href);
  return (copied as { findAgent: typeof findAgent }).findAgent;
}

test('`demo` is the demo agent, with a notice that says so', async () => {
  const agent = await findAgent('demo', settings(''));
  assert.deepEqual(agent.command, DEMO_COMMAND);
  assert.equal(agent.info.kind, 'demo');
  assert.match(agent.info.notice ?? '', /demo agent.*CHAT_CLAUDE_BIN/);
});

test('a given program is used, signed in or not, and its version asked for', async () => {
  const { path } = fakeClaude('{"loggedIn":false}');
  const agent = await findAgent(path, settings(''));
  assert.deepEqual(agent.command, [path]);
  assert.deepEqual(agent.info, { kind: 'claude', model: null, version: '2.1.330', notice: null });
});

test('a given name is looked for on PATH', async () => {
  const { dir, path } = fakeClaude('{"loggedIn":false}');
  const agent = await findAgent('claude', settings(`/nonexistent:${dir}`));
  assert.deepEqual(agent.command, [path]);
});

test('a given program that is not there is an error that names the setting and the path', async () => {
  for (const bin of ['/nonexistent/claude', 'no-such-program', './claude']) {
    await assert.rejects(findAgent(bin, settings('/nonexistent')), (error: Error) => {
      assert.match(error.message, /^CHAT_CLAUDE_BIN: /);
      assert.ok(error.message.includes(bin));
      return true;
    });
  }
});

test('a given file that may not be run is not a program', async () => {
  const { path } = fakeClaude('{}', 0o644);
  await assert.rejects(findAgent(path, settings('')), /CHAT_CLAUDE_BIN/);
});

test('a given directory is not a program', async () => {
  await assert.rejects(findAgent(tempDir(), settings('')), /CHAT_CLAUDE_BIN/);
});

test('a given program without a version is used all the same', async () => {
  const agent = await findAgent('/bin/false', settings(''));
  assert.equal(agent.info.kind, 'claude');
  assert.equal(agent.info.version, null);
});

test('the first `claude` on PATH answers when it is signed in', async () => {
  const first = fakeClaude('{"loggedIn":true,"authMethod":"x"}');
  const second = fakeClaude('{"loggedIn":true}');
  const agent = await findAgent(null, settings(`${first.dir}:${second.dir}`));
  assert.deepEqual(agent.command, [first.path]);
  assert.equal(agent.info.kind, 'claude');
});

test('the model an operator chose is told', async () => {
  const { dir } = fakeClaude('{"loggedIn":true}');
  const given = settingsIn(tempDir(), { inherited: { PATH: dir }, claudeModel: 'claude-opus-5-5' });
  assert.equal((await findAgent(null, given)).info.model, 'claude-opus-5-5');
});

for (const status of ['{"loggedIn":false}', '{"loggedIn":"true"}', 'not JSON', 'null', '']) {
  test(`a \`claude\` that answers ${status || 'nothing'} is not signed in: the demo agent answers`, async () => {
    const { dir } = fakeClaude(status);
    const agent = await (await findAgentAlone())(null, settings(dir));
    assert.equal(agent.info.kind, 'demo');
    assert.match(agent.info.notice ?? '', /not installed or not signed in/);
  });
}

test('without any `claude` the demo agent answers', async () => {
  const agent = await (await findAgentAlone())(null, settings('/nonexistent'));
  assert.equal(agent.info.kind, 'demo');
});

test('the package beside the server answers when `claude` on PATH is not signed in', async () => {
  const dir = tempDir();
  const from = fileURLToPath(new URL('../../src/claude', import.meta.url));
  cpSync(from, join(dir, 'claude'), { recursive: true });
  const packed = join(dir, 'node_modules', '@anthropic-ai', 'claude-code');
  mkdirSync(join(packed, 'bin'), { recursive: true });
  writeFileSync(join(packed, 'package.json'), '{"name":"@anthropic-ai/claude-code"}');
  const { path } = fakeClaude('{"loggedIn":true}');
  cpSync(path, join(packed, 'bin', 'claude.exe'));
  const copied = await import(pathToFileURL(join(dir, 'claude', 'agent.ts')).href);
  const onPath = fakeClaude('{"loggedIn":false}');
  const agent = await (copied as { findAgent: typeof findAgent }).findAgent(
    null,
    settings(onPath.dir),
  );
  assert.deepEqual(agent.command, [join(packed, 'bin', 'claude.exe')]);
});
