import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { envExample, readConfig, SETTINGS } from '../src/config.ts';
import { ConfigError } from '../src/settings.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'greenroom-')), 'value');
  writeFileSync(file, text);
  return file;
}

const SECRET = 'correct-horse-battery-staple-0123456789';

test('an empty environment is a whole configuration', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 8080);
  assert.equal(config.dataDir, resolve('./.data'));
  assert.equal(config.maxRequestsPerHour, 60);
  assert.equal(config.maxRequestsPerDay, 500);
  assert.equal(config.maxFrameBytes, 1_048_576);
  assert.equal(config.maxPromptBytes, 32_768);
  assert.equal(config.permissionMode, 'default');
});

test('every bad setting is named at once, with what it accepts', () => {
  const problems = problemsOf({
    CHAT_HOST: '0.0.0.0',
    CHAT_PORT: '70000',
    CHAT_PUBLIC_URL: 'ftp://x',
    CHAT_BASE_PATH: 'chat/',
    CHAT_ALLOWED_ORIGINS: 'https://a.example/path',
    CHAT_LOG_LEVEL: 'loud',
    CHAT_COOKIE_SECRETS: 'short',
    CHAT_SESSION_TTL_MS: '-1',
    CHAT_PERMISSION_MODE: 'bypassPermissions',
    CHAT_MAX_REQUESTS_PER_HOUR: 'many',
    CHAT_MAX_SOCKETS: '1.5',
    CHAT_MAX_SOCKETS_PER_ADDRESS: '-1',
    CHAT_TRUSTED_PROXIES: '10.0.0.0/8, proxy.example',
    FORWARD_AUTH_SECRET: 'seed-me',
  });
  const named = problems.map((line) => line.split(':')[0]);
  assert.deepEqual(
    new Set(named),
    new Set([
      'CHAT_HOST',
      'CHAT_PORT',
      'CHAT_PUBLIC_URL',
      'CHAT_BASE_PATH',
      'CHAT_ALLOWED_ORIGINS',
      'CHAT_LOG_LEVEL',
      'CHAT_COOKIE_SECRETS',
      'CHAT_SESSION_TTL_MS',
      'CHAT_PERMISSION_MODE',
      'CHAT_MAX_REQUESTS_PER_HOUR',
      'CHAT_MAX_SOCKETS',
      'CHAT_MAX_SOCKETS_PER_ADDRESS',
      'CHAT_TRUSTED_PROXIES',
      'FORWARD_AUTH_SECRET',
    ]),
  );
  assert.equal(problems.length, 14);
  for (const line of problems) assert.match(line, /accepts /);
  assert.match(problems.find((line) => line.startsWith('CHAT_PORT')) ?? '', /0 to 65535/);
});

test('a setting takes its bounds and nothing beyond them', () => {
  for (const entry of Object.values(SETTINGS)) {
    const bounds = /, (\d+) to (\d+)$/.exec(entry.accepts);
    if (!bounds) continue;
    const [min, max] = [Number(bounds[1]), Number(bounds[2])];
    for (const good of [min, max]) assert.equal(entry.parse(String(good)), good, entry.env);
    for (const bad of [min - 1, max + 1, '', ' 5', '5 ', '0x10', '1e3', '+5', '５', 'NaN'])
      assert.throws(() => entry.parse(String(bad)), entry.env);
  }
});

test('[R31] trusted proxies are addresses and ranges of them, and nothing else', () => {
  const read = (raw: string) => readConfig({ CHAT_TRUSTED_PROXIES: raw }).trustedProxies;
  assert.equal(readConfig({}).trustedProxies, null);
  assert.deepEqual(read('127.0.0.1, ::1,10.0.0.0/8, fd00::/8 ,0.0.0.0/0'), [
    '127.0.0.1',
    '::1',
    '10.0.0.0/8',
    'fd00::/8',
    '0.0.0.0/0',
  ]);
  for (const bad of [
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '*',
  ])
    assert.equal(problemsOf({ CHAT_TRUSTED_PROXIES: bad }).length, 1, bad);
});

test('a limit of 0 refuses all, unlimited lifts it', () => {
  assert.equal(readConfig({ CHAT_MAX_REQUESTS_PER_HOUR: '0' }).maxRequestsPerHour, 0);
  assert.equal(readConfig({ CHAT_MAX_REQUESTS_PER_DAY: 'unlimited' }).maxRequestsPerDay, null);
  assert.equal(problemsOf({ CHAT_MAX_REQUESTS_PER_DAY: 'Unlimited' }).length, 1);
});

test('X_FILE reads X from a file, with one trailing newline cut', () => {
  for (const ending of ['', '\n', '\r\n'])
    assert.equal(
      readConfig({ FORWARD_AUTH_SECRET_FILE: fileWith(SECRET + ending) }).forwardAuthSecret,
      SECRET,
    );
  assert.equal(readConfig({ CHAT_PORT_FILE: fileWith('1234\n') }).port, 1234);
  assert.equal(readConfig({ CHAT_PORT_FILE: fileWith('\n') }).port, 8080);
});

test('X and X_FILE together, or a file that cannot be read, are refused', () => {
  const both = problemsOf({ CHAT_PORT: '1', CHAT_PORT_FILE: fileWith('2') });
  assert.match(both[0] ?? '', /^CHAT_PORT: both it and CHAT_PORT_FILE are set/);
  const missing = problemsOf({ CHAT_PORT_FILE: '/nowhere/at/all' });
  assert.match(missing[0] ?? '', /^CHAT_PORT: CHAT_PORT_FILE cannot be read \(ENOENT\)/);
});

test('an empty value counts as unset', () => {
  assert.deepEqual(
    readConfig({ CHAT_PORT: '', CHAT_HOST: '', FORWARD_AUTH_SECRET: '' }),
    readConfig({}),
  );
});

test('[R59] placeholders and short secrets are refused, and not repeated', () => {
  for (const bad of [
    'seed-me',
    'changeme',
    'changeme-changeme',
    'change-me',
    'CHANGEME',
    'secret',
    'short-one',
    'x'.repeat(40),
    '0'.repeat(64),
  ]) {
    for (const name of ['FORWARD_AUTH_SECRET', 'CHAT_COOKIE_SECRETS']) {
      const problems = problemsOf({ [name]: bad });
      assert.equal(problems.length, 1, `${name}=${bad}`);
      const words = problems[0]?.replace(/^[^:]+: accepts .*$/, '') ?? '';
      assert.ok(!words.includes(bad), words);
    }
  }
  const one = problemsOf({ CHAT_COOKIE_SECRETS: `${SECRET},short-canary` });
  assert.equal(one.length, 1);
  assert.doesNotMatch(one.join(), /short-canary|correct-horse/);
});

test('[R34] cookie secrets are a list, in order', () => {
  const second = `${SECRET}-2`;
  assert.deepEqual(readConfig({ CHAT_COOKIE_SECRETS: `${SECRET}, ${second}` }).cookieSecrets, [
    SECRET,
    second,
  ]);
  assert.equal(problemsOf({ CHAT_COOKIE_SECRETS: `${SECRET},` }).length, 1);
});

test('[R42] an allowed origin is a scheme, a host and a port', () => {
  assert.deepEqual(
    readConfig({ CHAT_ALLOWED_ORIGINS: 'https://a.example,http://b:81/' }).allowedOrigins,
    ['https://a.example', 'http://b:81'],
  );
  // `https://*.example` is taken as a host named so, and then matches no page.
  for (const bad of [
    '*',
    'null',
    'a.example',
    'https://a.example/x',
    'https://*.example',
    'https://u@a.example',
  ])
    assert.equal(problemsOf({ CHAT_ALLOWED_ORIGINS: bad }).length, 1, bad);
});

test('[R57] permissions cannot be bypassed by a setting', () => {
  assert.equal(problemsOf({ CHAT_PERMISSION_MODE: 'bypassPermissions' }).length, 1);
});

test('local sign-in listens on loopback only', () => {
  for (const good of ['127.0.0.1', '::1', 'localhost'])
    assert.equal(readConfig({ CHAT_HOST: good }).host, good);
  for (const bad of ['0.0.0.0', '::', '192.168.1.2', 'example.org'])
    assert.equal(
      new Set(problemsOf({ CHAT_HOST: bad }).map((line) => line.split(':')[0])).size,
      1,
      bad,
    );
});

test('a sign-in may last at least as long as it may lie unused', () => {
  assert.match(
    problemsOf({ CHAT_SESSION_TTL_MS: '60000', CHAT_SESSION_MAX_MS: '59999' })[0] ?? '',
    /^CHAT_SESSION_MAX_MS/,
  );
});

test('.env.example is what the table makes', () => {
  assert.equal(readFileSync(new URL('../.env.example', import.meta.url), 'utf8'), envExample());
});

test('.env.example, with every line switched on, is a good configuration', () => {
  const lines = envExample()
    .split('\n')
    .filter((line) => /^#[A-Z_]+=/.test(line));
  const env = Object.fromEntries(lines.map((line) => line.slice(1).split(/=(.*)/s).slice(0, 2)));
  assert.deepEqual(readConfig(env), readConfig({}));
});

test('each setting has its own name, and a line for people', () => {
  const names = Object.values(SETTINGS).map(({ env }) => env);
  assert.equal(new Set(names).size, names.length);
  for (const { env, help, accepts } of Object.values(SETTINGS)) {
    assert.match(env, /^[A-Z][A-Z0-9_]+$/);
    assert.ok(help.length > 10 && !help.endsWith('.') && accepts.length > 0, env);
  }
});

test('[R57] lists of what users may choose hold names only, and no command that goes round them', () => {
  assert.deepEqual(readConfig({ CHAT_CLAUDE_COMMANDS: 'compact, cost' }).claudeCommands, [
    'compact',
    'cost',
  ]);
  for (const bad of ['/compact', 'clear', 'Model', 'a b', '-x'])
    assert.equal(problemsOf({ CHAT_CLAUDE_COMMANDS: bad }).length, 1, bad);
  for (const bad of ['--help', 'a b', 'a,-b'])
    assert.equal(problemsOf({ CHAT_CLAUDE_MODELS: bad }).length, 1, bad);
  const both = { CHAT_CLAUDE_MODELS: 'opus,haiku', CHAT_CLAUDE_MODEL: 'sonnet' };
  assert.match(problemsOf(both)[0] ?? '', /^CHAT_CLAUDE_MODEL: /);
  const runs = { CHAT_MAX_PROCESSES: '4', CHAT_MAX_RUNS: '5' };
  assert.match(problemsOf(runs)[0] ?? '', /^CHAT_MAX_RUNS: /);
  assert.deepEqual(problemsOf({ ...runs, CHAT_MAX_RUNS: '4' }), []);
  for (const bad of ['ftp://x', 'https://ada:pw@forge.example', 'https://forge.example/?a'])
    assert.equal(problemsOf({ FORGE_URL: bad }).length, 1, bad);
});

test('a file that is given must be readable, and JSON where it is to be', () => {
  const [good, bad] = [fileWith('{"permissions":{}}'), fileWith('{"canary"')];
  const config = readConfig({ CHAT_CLAUDE_SETTINGS_FILE: good, CHAT_CLAUDE_MCP_CONFIG_FILE: good });
  assert.equal(config.claudeSettingsFile, good);
  const problems = problemsOf({
    CHAT_CLAUDE_SETTINGS_FILE: bad,
    CHAT_CLAUDE_MCP_CONFIG_FILE: '/nonexistent/mcp.json',
    CHAT_SOUL_MD_PATH: '/nonexistent/soul.md',
  });
  assert.deepEqual(problems, [
    `CHAT_CLAUDE_SETTINGS_FILE: ${bad} is not JSON; accepts the path of a readable file of JSON`,
    'CHAT_CLAUDE_MCP_CONFIG_FILE: /nonexistent/mcp.json cannot be read (ENOENT); accepts the path of a readable file of JSON',
    'CHAT_CLAUDE_SYSTEM_PROMPT_FILE: /nonexistent/soul.md cannot be read (ENOENT); accepts the path of a readable file of text',
  ]);
});

test('a rule that denies may hold spaces and commas between its parentheses', () => {
  const denied = (rules: string) => readConfig({ CHAT_CLAUDE_DENY: rules }).claudeDeny;
  assert.deepEqual(denied('Bash(rm *), WebFetch ,mcp__github__*,Read(a, b)'), [
    'Bash(rm *)',
    'WebFetch',
    'mcp__github__*',
    'Read(a, b)',
  ]);
  for (const rules of ['--help', 'Bash(', 'Bash() x', 'rm -rf', 'Bash,,Read'])
    assert.equal(problemsOf({ CHAT_CLAUDE_DENY: rules }).length, 1, rules);
});

test('what the sandbox shows besides must be absolute, and there', () => {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-'));
  assert.deepEqual(readConfig({ CHAT_SANDBOX_BINDS: `${dir},/usr` }).sandboxBinds, [dir, '/usr']);
  for (const paths of ['usr', '/nonexistent', `${dir},relative`])
    assert.match(problemsOf({ CHAT_SANDBOX_BINDS: paths }).join(), /^CHAT_SANDBOX_BINDS: /);
});

test('the data directory is nobody’s workspace', () => {
  const same = { CHAT_DATA_DIR: '/d', CHAT_WORKSPACE_DIR: '/d/', CLAUDE_CONFIG_DIR: '/d' };
  assert.deepEqual(
    problemsOf(same).map((line) => line.split(':')[0]),
    ['CHAT_WORKSPACE_DIR', 'CLAUDE_CONFIG_DIR'],
  );
});

const FORGE = {
  CHAT_OAUTH_CLIENT_ID: 'id',
  CHAT_OAUTH_CLIENT_SECRET: 'gto_an-oauth-secret',
  FORGE_URL: 'http://forgejo:3000',
  DISINTO_CHAT_ALLOWED_USERS: 'alice, bob',
  EDGE_TUNNEL_FQDN: 'chat.example.org',
};

test('an OAuth client id means sign-in at the forge, and what that needs is asked for at once', () => {
  const config = readConfig({ ...FORGE, CHAT_HOST: '0.0.0.0' });
  assert.equal(config.signIn, 'forge');
  assert.equal(config.publicUrl?.origin, 'https://chat.example.org');
  assert.deepEqual(config.allowedUsers, ['alice', 'bob']);
  assert.throws(
    () => readConfig({ CHAT_OAUTH_CLIENT_ID: 'id' }),
    ({ problems }: ConfigError) =>
      ['CHAT_OAUTH_CLIENT_SECRET', 'FORGE_URL', 'CHAT_ALLOWED_USERS', 'CHAT_PUBLIC_URL'].every(
        (name) => problems.some((line) => line.startsWith(name)),
      ),
  );
  assert.equal(readConfig({}).signIn, 'local');
});

test('a base path is a path of plain segments, and none that health is told under', () => {
  for (const good of ['/chat', '/tools/ai.chat', '/a_b-C'])
    assert.equal(readConfig({ CHAT_BASE_PATH: good }).basePath, good);
  for (const bad of ['/', '/chat/', 'chat', '/a//b', '/..', '/a/../b', '/%63hat', '/healthz', '/ü'])
    assert.throws(() => readConfig({ CHAT_BASE_PATH: bad }), /CHAT_BASE_PATH/, bad);
});
