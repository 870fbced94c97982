import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignIn } from '../../../src/store/sign-ins.ts';
import { Members } from '../../../src/transport/auth/members.ts';
import { SignIns } from '../../../src/transport/auth/sign-ins.ts';
import { HOUR_MS } from '../../support/limits.ts';
import { memoryStore } from '../../support/memory-store.ts';

const OLD = 'old-key-old-key-old-key-old-key-old';
const NEW = 'new-key-new-key-new-key-new-key-new';

function setUp({ secrets = [NEW], secure = false, store = memoryStore() } = {}) {
  const clock = { now: 1_000_000 };
  const put: SignIn[] = [];
  const putSignIn = store.putSignIn.bind(store);
  store.putSignIn = async (signIn) => {
    put.push(signIn);
    await putSignIn(signIn);
  };
  const rules = { secrets, secure, ttlMs: 12 * HOUR_MS, maxMs: 48 * HOUR_MS };
  const extended: number[] = [];
  const members = new Members({ allowed: null, operators: [] });
  const signIns = new SignIns({ rules, members, store, now: () => clock.now });
  store.onExtended((_, at) => extended.push(at));
  const header = (value: string) => `${secure ? '__Host-greenroom' : 'greenroom'}=${value}`;
  return { clock, put, store, members, signIns, extended, header };
}

test('[R32] the cookie has the contract’s attributes, over http and over https', async () => {
  const plain = await setUp().signIns.begin('alice');
  assert.equal(
    plain.setCookie,
    `greenroom=${plain.value}; Max-Age=172800; Path=/; HttpOnly; SameSite=Lax`,
  );
  assert.match(plain.value, /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9+/]{43}$/);
  const secure = await setUp({ secure: true }).signIns.begin('alice');
  assert.match(secure.setCookie, /^__Host-greenroom=/);
  assert.match(secure.setCookie, /; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  assert.doesNotMatch(secure.setCookie, /Domain/i);
});

test('[R33] the store is given a hash of the id, and neither id nor signature', async () => {
  const { signIns, put } = setUp();
  const { value } = await signIns.begin('alice');
  const [id = '', signature = ''] = value.split('.');
  const kept = JSON.stringify(put);
  assert.equal(put.length, 1);
  assert.ok(!kept.includes(id) && !kept.includes(signature));
});

test('[R34] a key that is taken away lets nobody in whom it has let in before', async () => {
  const { signIns, header } = setUp({ secrets: [OLD] });
  const cookie = header((await signIns.begin('alice')).value);
  assert.equal((await signIns.verify(cookie)).user, 'alice');
  assert.equal(signIns.idIn(cookie), signIns.idIn(cookie));
  signIns.rotate([NEW, OLD]);
  assert.equal((await signIns.verify(cookie)).user, 'alice');
  signIns.rotate([NEW]);
  assert.equal(signIns.idIn(cookie), null);
});

test('[R34] an old key verifies, the first signs, and one that was taken away does not', async () => {
  const store = memoryStore();
  const before = setUp({ secrets: [OLD], store });
  const { value } = await before.signIns.begin('alice');
  const rotated = setUp({ secrets: [NEW, OLD], store });
  assert.equal((await rotated.signIns.verify(before.header(value))).user, 'alice');
  const fresh = await rotated.signIns.begin('alice');
  const only = setUp({ secrets: [NEW], store });
  assert.equal((await only.signIns.verify(only.header(fresh.value))).user, 'alice');
  await assert.rejects(only.signIns.verify(only.header(value)), { code: 'auth.required' });
});

test('[R33] tampered, cut, foreign and empty cookies are no sign-in', async () => {
  const { signIns, header } = setUp();
  const { value } = await signIns.begin('alice');
  const flipped = (value.startsWith('A') ? 'B' : 'A') + value.slice(1);
  for (const bad of [flipped, value.slice(0, -1), `${value}x`, value.split('.')[0] ?? '', '', '.'])
    await assert.rejects(signIns.verify(header(bad)), { code: 'auth.required' }, bad);
  await assert.rejects(signIns.verify(undefined), { code: 'auth.required' });
  await assert.rejects(signIns.verify(`other=${value}`), { code: 'auth.required' });
});

test('[R35] each sign-in has a new id', async () => {
  const { signIns } = setUp();
  const values = new Set<string>();
  for (let i = 0; i < 50; i++) values.add((await signIns.begin('alice')).value);
  assert.equal(values.size, 50);
});

test('[R36] a sign-in ends without use, slides with it, and ends at its longest in any case', async () => {
  const { signIns, clock, header, extended } = setUp();
  const { value } = await signIns.begin('alice');
  const start = clock.now;
  const use = async () => signIns.extend((await signIns.verify(header(value))).signInId);
  clock.now += 11 * HOUR_MS;
  assert.equal(await use(), clock.now + 12 * HOUR_MS);
  for (let i = 0; i < 4; i++) {
    clock.now += 9 * HOUR_MS;
    await use();
  }
  assert.equal(extended.at(-1), start + 48 * HOUR_MS);
  clock.now = start + 48 * HOUR_MS;
  await assert.rejects(use(), { code: 'auth.required' });
});

test('[R36] a sign-in made for a short while slides by that while, not by the server’s own', async () => {
  // `greenroom session --ttl 5m` is worth 12 hours after its first use, and a week in the end.
  const { signIns, clock, header } = setUp();
  const { value } = await signIns.begin('alice', '', 5 * 60_000);
  clock.now += 60_000;
  const { signInId } = await signIns.verify(header(value));
  const end = await signIns.extend(signInId);
  assert.ok(end !== null && end <= clock.now + 5 * 60_000, `${(end ?? 0) - clock.now} ms are left`);
});

test('[R55] names that are no user names are refused', async () => {
  const { signIns } = setUp();
  for (const name of ['', '.', '..', 'a/b', 'a\r\nX: y', '-a', 'a'.repeat(41), 'ü', '__proto__'])
    await assert.rejects(signIns.begin(name), RangeError, name);
});

test('[R39] [SI4] who may not come in is not let in by a sign-in that goes on, and who may see all is asked each time', async () => {
  const { signIns, members, header } = setUp();
  const { value } = await signIns.begin('alice');
  members.replace({ allowed: ['bob'], operators: [] });
  await assert.rejects(signIns.verify(header(value)), { code: 'auth.required' });
  members.replace({ allowed: ['ALICE'], operators: ['Alice'] });
  assert.equal((await signIns.verify(header(value))).operator, true);
  members.replace({ allowed: ['*'], operators: [] });
  assert.equal((await signIns.verify(header(value))).operator, false);
});
