import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { EXPOSURE_CHECKS } from '../../src/cli/exposure-checks.ts';
import { runChecks } from '../../src/cli/findings.ts';
import { readConfig } from '../../src/config.ts';

const NOWHERE = 'http://127.0.0.1:9';
const FORGE = {
  CHAT_OAUTH_CLIENT_ID: 'id',
  CHAT_OAUTH_CLIENT_SECRET: 'a-secret-of-some-length',
  CHAT_ALLOWED_USERS: 'ada,bob',
  CHAT_PUBLIC_URL: 'https://chat.example.org',
  FORGE_URL: NOWHERE,
};

async function check(name: string, env: Record<string, string>, adminUrl = NOWHERE) {
  const checks = EXPOSURE_CHECKS.filter((one) => one.name === name);
  const inEnvironment = (setting: string) => Boolean(env[setting]);
  const [told] = await runChecks(checks, { config: readConfig(env), inEnvironment, adminUrl });
  assert.ok(told);
  if (told.state !== 'ok') assert.ok(told.mend);
  return told;
}

/** Answers everything with `text`. */
async function answering(t: TestContext, text: (url: string) => string): Promise<string> {
  const server = createServer((_, response) => response.end(text(url))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return url;
}

test('[R44] what is weak about the way to the server is told, each with its remedy', async () => {
  const { state, found } = await check('edge', { ...FORGE, CHAT_PUBLIC_URL: 'http://example.org' });
  assert.equal(state, 'warn');
  assert.match(found, /plain http.*pose as the edge.*CHAT_TRUSTED_PROXIES/);
  const whole = {
    FORWARD_AUTH_SECRET: 'k7Qp-2Lx9-Vb4n-Zt8w-Hd3s',
    CHAT_TRUSTED_PROXIES: '127.0.0.1',
  };
  assert.equal((await check('edge', { ...FORGE, ...whole })).state, 'ok');
  assert.equal((await check('edge', {})).state, 'ok');
});

test('[R39] everybody the forge knows is a warning, and so are secrets in the environment', async () => {
  assert.equal((await check('members', { ...FORGE, CHAT_ALLOWED_USERS: '*' })).state, 'warn');
  assert.match((await check('members', FORGE)).found, /^2 users/);
  const { state, mend } = await check('secrets', FORGE);
  assert.deepEqual([state, mend], ['warn', 'put them into files: CHAT_OAUTH_CLIENT_SECRET_FILE']);
  assert.equal((await check('secrets', {})).state, 'ok');
});

test('a forge that does not answer, or calls itself something else, fails with both names', async (t) => {
  assert.equal((await check('forge', {})).state, 'ok');
  const silent = await check('forge', FORGE);
  assert.equal(silent.state, 'fail');
  assert.match(silent.found, /FORGE_URL http:\/\/127\.0\.0\.1:9\/? does not answer/);
  const right = await answering(t, (url) => JSON.stringify({ issuer: `${url}/` }));
  assert.equal((await check('forge', { ...FORGE, FORGE_URL: right })).state, 'ok');
  const other = { ...FORGE, FORGE_URL: right, FORGE_PUBLIC_URL: 'https://forge.example.org/git' };
  const { state, found } = await check('forge', other);
  assert.equal(state, 'fail');
  assert.ok(found.includes(right) && found.includes('https://forge.example.org/git'));
  const plain = await answering(t, () => 'not found');
  assert.equal((await check('forge', { ...FORGE, FORGE_URL: plain })).state, 'warn');
});

test('[R44] a Caddy that lets clients name themselves fails, an old one is a warning', async (t) => {
  let version = '';
  const admin = await answering(
    t,
    () =>
      `# HELP go_build_info x\ngo_build_info{checksum="",path="github.com/caddyserver/caddy/v2",version="${version}"} 1\n`,
  );
  for (const [given, state] of [
    ['v2.6.2', 'warn'],
    ['v2.8.4', 'warn'],
    ['v2.9.0', 'fail'],
    ['v2.10.2', 'fail'],
    ['v2.11.1', 'fail'],
    ['v2.11.2', 'warn'],
    ['v2.11.4', 'ok'],
    ['v2.12.0', 'ok'],
    ['v3.0.0', 'ok'],
    ['', 'warn'],
  ] as const) {
    version = given;
    assert.equal((await check('caddy', {}, admin)).state, state, given);
  }
  assert.equal((await check('caddy', {})).state, 'ok');
});
