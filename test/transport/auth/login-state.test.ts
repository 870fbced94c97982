import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSignInId, signId } from '../../../src/transport/auth/cookie.ts';
import { LOGIN_TTL_MS, LoginStates, USED_MAX } from '../../../src/transport/auth/login-state.ts';

const KEY = 'a-cookie-secret-of-32-characters';
const cookieOf = (setCookie: string) => setCookie.split(';')[0] ?? '';

function start({ secrets = [KEY], secure = true } = {}) {
  const clock = { now: 1_000_000 };
  const rules = { secrets, secure };
  const node = () =>
    new LoginStates(
      () => rules,
      () => clock.now,
    );
  return { clock, rules, node, logins: node() };
}

test('[R32] the cookie of a sign-in under way is for this browser and ten minutes', () => {
  const attributes = 'Max-Age=600; Path=/; HttpOnly; ';
  const { setCookie } = start().logins.begin(undefined);
  assert.match(setCookie, /^__Host-greenroom-login=login\.[\w-]{43}\.[\w+/-]+; /);
  assert.ok(setCookie.endsWith(`${attributes}Secure; SameSite=Lax`), setCookie);
  const plain = start({ secure: false }).logins.begin(undefined).setCookie;
  assert.match(plain, /^greenroom-login=/);
  assert.ok(plain.endsWith(`${attributes}SameSite=Lax`), plain);
});

test('[R38] what was begun is redeemed once, by any node', () => {
  const { logins, node } = start();
  const { setCookie, ...login } = logins.begin(undefined);
  const cookie = cookieOf(setCookie);
  const other = node();
  assert.deepEqual(other.redeem(cookie, login.state), login);
  assert.equal(other.redeem(cookie, login.state), null);
  assert.match(login.verifier, /^[\w-]{43}$/);
  assert.match(login.nonce, /^[\w-]{43}$/);
  const challenge = createHash('sha256').update(login.verifier).digest('base64url');
  const secret = /login\.([\w-]{43})/.exec(setCookie)?.[1] ?? '';
  for (const seen of [login.state, login.nonce, challenge]) assert.ok(!seen.includes(secret));
});

test('[R38] two tabs of one browser sign in at once: one secret and nonce, two verifiers', () => {
  const { logins } = start();
  const first = logins.begin(undefined);
  const cookie = cookieOf(first.setCookie);
  const second = logins.begin(`a=b; ${cookie}; c=d`);
  assert.equal(cookieOf(second.setCookie), cookie);
  assert.equal(second.nonce, first.nonce);
  assert.notEqual(second.verifier, first.verifier);
  assert.equal(logins.redeem(cookie, second.state)?.verifier, second.verifier);
  assert.equal(logins.redeem(cookie, first.state)?.verifier, first.verifier);
});

test('[R38] it is too old after ten minutes', () => {
  const { clock, logins, node } = start();
  const { setCookie, state } = logins.begin(undefined);
  const cookie = cookieOf(setCookie);
  clock.now += LOGIN_TTL_MS - 1;
  assert.notEqual(node().redeem(cookie, state), null);
  clock.now += 1;
  assert.equal(node().redeem(cookie, state), null);
});

test('[R38] by a clock that is ahead it still works once', () => {
  const { clock, logins, node } = start();
  clock.now += 5_000;
  const { setCookie, state } = logins.begin(undefined);
  const cookie = cookieOf(setCookie);
  const other = node();
  clock.now -= 4_000;
  assert.notEqual(other.redeem(cookie, state), null);
  clock.now += 4_000 + LOGIN_TTL_MS - 1;
  const later = other.begin(cookie);
  assert.notEqual(other.redeem(cookie, later.state), null);
  assert.equal(other.redeem(cookie, state), null);
});

test('[R38] a browser without the cookie, or with another’s, redeems nothing', () => {
  const { logins } = start();
  const [mine, theirs] = [logins.begin(undefined), logins.begin(undefined)];
  fc.assert(
    fc.property(
      fc.oneof(
        fc.constant(undefined),
        fc.constant(''),
        fc.constant(cookieOf(theirs.setCookie)),
        fc.string(),
        fc.base64String().map((value) => `__Host-greenroom-login=login.${value}`),
        // A sign-in's cookie is signed by the same keys, and is no login's.
        fc.constant(
          `__Host-greenroom-login=${signId('x'.repeat(43), { secrets: [KEY], secure: true })}`,
        ),
      ),
      (cookie) => logins.redeem(cookie, mine.state) === null,
    ),
  );
  assert.notEqual(logins.redeem(cookieOf(mine.setCookie), mine.state), null);
});

test('[R33] the cookie of a sign-in under way is no sign-in', () => {
  const { logins, rules } = start();
  const value = cookieOf(logins.begin(undefined).setCookie).split('=')[1] ?? '';
  assert.equal(readSignInId(`__Host-greenroom=${value}`, rules), null);
  assert.equal(readSignInId(`__Host-greenroom=${value.replace('login.', '')}`, rules), null);
});

test('[R38] a state or cookie that was changed in any place is refused', () => {
  const { logins } = start();
  const { setCookie, state } = logins.begin(undefined);
  const cookie = cookieOf(setCookie);
  const change = (text: string, at: number, to: string) =>
    text.slice(0, at % text.length) + to + text.slice((at % text.length) + 1);
  fc.assert(
    fc.property(fc.nat(), fc.oneof(fc.string({ maxLength: 3 }), fc.base64String()), (at, to) => {
      const changed = change(state, at, to);
      return changed === state || logins.redeem(cookie, changed) === null;
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...'abcXYZ019-_.=% '), (at, to) => {
      const value = cookie.indexOf('=') + 1;
      const changed = cookie.slice(0, value) + change(cookie.slice(value), at, to);
      return changed.trimEnd() === cookie || logins.redeem(changed, state) === null;
    }),
    { numRuns: 1_000 },
  );
  fc.assert(fc.property(fc.string(), (other) => logins.redeem(cookie, other) === null));
  assert.notEqual(logins.redeem(cookie, state), null);
});

test('[R34] what was begun is redeemed for as long as one of its keys verifies, wherever that stands', () => {
  const key = fc.string({ minLength: 32, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { minLength: 2, maxLength: 5 }),
      fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
      ([old = '', ...others], places) => {
        const { rules, logins } = start({ secrets: [old, ...others] });
        const { setCookie, state } = logins.begin(undefined);
        const cookie = cookieOf(setCookie);
        const rotated = [...others];
        rotated.splice((places[0] ?? 0) % (others.length + 1), 0, old);
        rules.secrets = others;
        assert.equal(logins.redeem(cookie, state), null);
        rules.secrets = rotated;
        const again = logins.begin(cookie);
        assert.notEqual(logins.redeem(cookie, state), null);
        // A tab that begins later has its cookie signed by the first key; the secret in it is the same.
        rules.secrets = rotated.slice(0, 1);
        assert.equal(logins.redeem(cookieOf(again.setCookie), again.state)?.nonce, again.nonce);
      },
    ),
  );
});

test('[R38] no two sign-ins share a state, and each is redeemed once in whatever order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }), (order) => {
      const { logins } = start();
      const first = logins.begin(undefined);
      const cookie = cookieOf(first.setCookie);
      const begun = [first, ...Array.from({ length: 5 }, () => logins.begin(cookie))];
      assert.equal(new Set(begun.map(({ state }) => state)).size, 6);
      const seen = new Set<number>();
      for (const i of order) {
        const redeemed = logins.redeem(cookie, begun[i]?.state ?? '');
        assert.equal(redeemed?.state, seen.has(i) ? undefined : begun[i]?.state);
        seen.add(i);
      }
    }),
  );
});

test('[R31] what came back is remembered within a bound, and no longer than it is young enough', () => {
  const { clock, logins } = start();
  const first = logins.begin(undefined);
  const cookie = cookieOf(first.setCookie);
  logins.redeem(cookie, first.state);
  for (let i = 0; i < USED_MAX + 10; i++) logins.redeem(cookie, logins.begin(cookie).state);
  assert.equal(logins.size, USED_MAX);
  logins.redeem(cookie, 'no state');
  assert.equal(logins.size, USED_MAX);
  clock.now += LOGIN_TTL_MS;
  logins.redeem(cookie, logins.begin(cookie).state);
  assert.equal(logins.size, 1);
});
