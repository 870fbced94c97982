import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { redaction } from '../../src/claude/redact.ts';

const redact = redaction(['configured secret, of any look', null, '']);

const SECRETS: Record<string, string> = {
  configured: 'configured secret, of any look',
  'an API key': 'sk-ant-api03-Abcdef_ghijkl-mnop',
  'another API key': 'sk-proj-abcdef123456',
  hex: 'deadbeefdeadbeefdeadbeefdeadbeef',
  'a SHA-256': 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
  base64: 'Zm9vYmFyYmF6cXV4Q29ycmVjdEhvcnNlQmF0dGVyeVN0YXBsZQ1==',
  'base64 with slashes': 'aB3/dE5+gH7/jK9+mN1/pQ2+sT4/vW6+yZ8/bC0+',
  base64url: 'aB3_dE5-gH7_jK9-mN1_pQ2-sT4_vW6-yZ8',
  'a GitHub token': 'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  'a Slack token': 'xoxb-123456789012-abcdef',
  'an AWS key': 'AKIAIOSFODNN7EXAMPLE',
  'a JWT': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
};

for (const [kind, secret] of Object.entries(SECRETS)) {
  test(`people are not shown ${kind}, wherever it stands`, () => {
    for (const text of [secret, `Error: ${secret}`, `(${secret})`, `key "${secret}", and more`]) {
      const shown = redact(text);
      assert.ok(!shown.includes(secret), shown);
      assert.ok(shown.includes('[cut]'), shown);
    }
  });
}

test('a short secret is told by the name in front of it', () => {
  for (const text of [
    'Authorization: Bearer hunter22hunter',
    'bearer hunter22hunter',
    'x-api-key: hunter22hunter',
    'ANTHROPIC_API_KEY=hunter22hunter',
    '{"token":"hunter22hunter"}',
    'password = hunter22hunter',
    'https://me:hunter22hunter@proxy.example/',
  ])
    assert.ok(!redact(text).includes('hunter22hunter'), redact(text));
});

test('what helps people stays: words, paths, session ids, versions and addresses', () => {
  for (const text of [
    'Error: Session ID 0b6a3a52-6c1a-4b1e-9f00-6c1a4b1e9f00 is already in use.',
    'API Error: 529 Overloaded. Please try again.',
    'Invalid API key · Fix external API key',
    "ENOENT: no such file or directory, open '/srv/Greenroom2/data/users/alice/workspace/notes/Plan9.md'",
    'Not logged in · Please run /login',
    'connect ECONNREFUSED 127.0.0.1:8080',
    'TypeError: Cannot read properties of undefined at file:///opt/app/node_modules/thing/index.js:12:34',
  ])
    assert.equal(redact(text), text);
});

test('a text of any length and kind is read, up to a whole word', () => {
  const long = fc.constantFrom('a', 'A1a', '/', 'token=', 'eyJaaaaaaaa.', 'sk-', '://', '-_', ' ');
  fc.assert(
    fc.property(fc.array(long, { minLength: 1, maxLength: 4 }), (parts) => {
      const unit = parts.join('');
      assert.ok(redact(unit.repeat(Math.ceil(1_000_000 / unit.length))).length < 20_000);
    }),
    { seed: 20_266, numRuns: 40 },
  );
  const key = `sk-ant-${'x'.repeat(40)}`;
  for (const before of [1_970, 1_990, 1_999]) {
    const shown = redact(`${'a '.repeat(before / 2)}${key} and more`);
    assert.ok(!/sk-ant|xxx/.test(shown), shown.slice(-60));
  }
  assert.equal(redact('A1a'.repeat(1_000)), '[cut]');
});
