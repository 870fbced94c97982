import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childEnv, inheritable, launchClaude, userDirs } from '../../src/claude/launch.ts';
import { settingsIn, tempDir } from './programs.ts';

const ID = 'f5d4b6b0-0d5f-4c2e-9a55-1f1f1f1f1f1f';

function partsOf(sessionId: string, command: readonly string[] = ['claude']) {
  return { command, user: 'ada', sessionId, id: 'm' };
}

function argsOf(given: Parameters<typeof settingsIn>[1], id = ID): readonly string[] {
  return launchClaude(settingsIn(tempDir(), given), partsOf(id)).args;
}

function after(args: readonly string[], flag: string): string | undefined {
  return args[args.indexOf(flag) + 1];
}

test('[R54] only what is on the list is inherited', () => {
  const secrets = [
    'CHAT_COOKIE_SECRETS',
    'FORWARD_AUTH_SECRET',
    'ANTHROPIC_API_KEY',
    'NODE_OPTIONS',
  ];
  const env = Object.fromEntries([...secrets, 'PATH', 'LANG', 'HOME'].map((name) => [name, name]));
  assert.deepEqual(inheritable({ ...env, LC_ALL: undefined }), { PATH: 'PATH', LANG: 'LANG' });
});

test('a child’s home and configuration are its user’s own', () => {
  const settings = settingsIn('/data');
  const env = childEnv(settings, userDirs(settings, 'ada'));
  assert.equal(env.HOME, '/data/users/ada/home');
  assert.equal(env.CLAUDE_CONFIG_DIR, '/data/users/ada/config');
  assert.equal(userDirs(settings, 'ada').workspace, '/data/users/ada/workspace');
});

test('the operator may share the configuration and the workspace', () => {
  const settings = settingsIn('/data', { claudeConfigDir: '/etc/claude', workspaceDir: '/srv/ws' });
  const dirs = userDirs(settings, 'ada');
  assert.equal(dirs.config, '/etc/claude');
  assert.equal(dirs.workspace, '/srv/ws');
  assert.equal(dirs.home, '/data/users/ada/home');
});

test('[R54] a key of the server’s never reaches a child, a subscription’s token does', () => {
  const settings = settingsIn('/data', {
    anthropicApiKey: 'sk-test-0123',
    anthropicAuthToken: 'bearer-0123',
    claudeOauthToken: 'oauth-0123',
    anthropicBaseUrl: 'https://gateway.test',
  });
  const env = childEnv(settings, userDirs(settings, 'ada'));
  assert.equal(env.CLAUDE_CODE_OAUTH_TOKEN, 'oauth-0123');
  assert.equal(env.ANTHROPIC_BASE_URL, 'https://gateway.test');
  assert.doesNotMatch(JSON.stringify(env), /sk-test-0123|bearer-0123/);
});

test('a user’s directories are made, and closed to others', () => {
  const dataDir = tempDir();
  const { cwd } = launchClaude(settingsIn(dataDir), partsOf(ID));
  const dirs = userDirs(settingsIn(dataDir), 'ada');
  assert.equal(cwd, dirs.workspace);
  for (const dir of Object.values(dirs)) assert.equal(statSync(dir).mode & 0o777, 0o700);
});

test('the CLI is started to stream JSON both ways, with partial messages and questions', () => {
  const args = argsOf({});
  assert.ok(args.includes('-p') && args.includes('--verbose'));
  assert.ok(args.includes('--include-partial-messages'));
  assert.equal(after(args, '--input-format'), 'stream-json');
  assert.equal(after(args, '--output-format'), 'stream-json');
  assert.equal(after(args, '--permission-prompt-tool'), 'stdio');
});

test('[R57] model, tools and permission mode are the operator’s', () => {
  const args = argsOf({
    claudeModel: 'claude-opus-5-5',
    claudeTools: 'Read,Grep',
    permissionMode: 'plan',
  });
  assert.equal(after(args, '--model'), 'claude-opus-5-5');
  assert.equal(after(args, '--tools'), 'Read,Grep');
  assert.equal(after(args, '--permission-mode'), 'plan');
  const bare = argsOf({});
  assert.ok(!bare.includes('--model') && !bare.includes('--tools'));
});

test('no tools at all are an empty list', () => {
  assert.equal(after(argsOf({ claudeTools: 'none' }), '--tools'), '');
});

test('[R57] no mode and no flag bypasses permissions', () => {
  const args = argsOf({}).join(' ');
  assert.ok(!/skip-permissions|bypass/.test(args));
});

test('a conversation without a transcript begins a session of its id', () => {
  const args = argsOf({});
  assert.equal(after(args, '--session-id'), ID);
  assert.ok(!args.includes('--resume'));
});

test('a conversation whose transcript exists is resumed', () => {
  const settings = settingsIn(tempDir());
  const dirs = userDirs(settings, 'ada');
  // The CLI names a project by its directory, with all but letters and digits replaced.
  const project = join(dirs.config, 'projects', dirs.workspace.replaceAll(/[^A-Za-z0-9]/g, '-'));
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, `${ID}.jsonl`), '{}\n');
  const { args } = launchClaude(settings, partsOf(ID));
  assert.equal(after(args, '--resume'), ID);
  assert.ok(!args.includes('--session-id'));
  const other = launchClaude(settings, partsOf(ID.replace('f', 'e')));
  assert.ok(other.args.includes('--session-id'));
});

test('an agent’s leading arguments come before the CLI’s', () => {
  const { command, args } = launchClaude(
    settingsIn(tempDir()),
    partsOf(ID, ['node', 'demo-agent.ts']),
  );
  assert.equal(command, 'node');
  assert.equal(args[0], 'demo-agent.ts');
  assert.equal(args[1], '-p');
});
