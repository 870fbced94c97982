import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Judgement,
  SignInAttempts,
  WINDOW_MS,
} from '../../src/transport/auth/sign-in-attempts.ts';
import { settle } from '../support/held-store.ts';
import { rawOnce } from '../support/raw.ts';
import { startServer } from '../support/server.ts';

const MAX = 10;
const wrong = async () => null;
const right = async () => 'alice';

function count(outcomes: readonly Judgement<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { how } of outcomes) counts[how] = (counts[how] ?? 0) + 1;
  return counts;
}

function stopTime(t: TestContext) {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000_000 });
  return (ms: number) => t.mock.timers.tick(ms);
}

test('[R31] [DO10] of 200 wrong tries at once from one address exactly ten are judged', async () => {
  const attempts = new SignInAttempts(MAX);
  let judged = 0;
  const judge = async () => {
    judged += 1;
    await settle(1);
    return null;
  };
  const tries = Array.from({ length: 200 }, () => attempts.try('a', judge));
  assert.deepEqual(count(await Promise.all(tries)), { wrong: MAX, refused: 200 - MAX });
  assert.equal(judged, MAX);
  assert.equal((await attempts.try('a', right)).how, 'refused');
  assert.equal((await attempts.try('b', right)).how, 'right');
});

test('[R26] [DO10] what succeeds is not counted, however often, and neither is what could not be judged', async () => {
  const attempts = new SignInAttempts(MAX);
  for (let i = 0; i < 50; i++) assert.equal((await attempts.try('a', right)).how, 'right');
  for (let i = 0; i < 50; i++) {
    const failing = attempts.try('a', () => Promise.reject(new Error('the store is down')));
    await assert.rejects(failing, /store is down/);
  }
  assert.equal(attempts.size, 0);
  const nine = await Promise.all(Array.from({ length: MAX - 1 }, () => attempts.try('a', wrong)));
  assert.deepEqual(count(nine), { wrong: MAX - 1 });
  assert.equal((await attempts.try('a', right)).how, 'right');
  assert.equal((await attempts.try('a', wrong)).how, 'wrong');
  assert.equal((await attempts.try('a', wrong)).how, 'refused');
});

test('[R29] [DO10] after the wait that is named an address is heard again', async (t) => {
  const tick = stopTime(t);
  const attempts = new SignInAttempts(1);
  assert.equal((await attempts.try('a', wrong)).how, 'wrong');
  tick(1_000);
  const refused = await attempts.try('a', right);
  assert.deepEqual(refused, { how: 'refused', retryAfterMs: WINDOW_MS - 1_000 });
  tick(WINDOW_MS - 1_001);
  assert.equal((await attempts.try('a', right)).how, 'refused');
  tick(1);
  assert.equal((await attempts.try('a', right)).how, 'right');
});

test('[R31] [DO10] with too many wrong in all, what is right comes in, and no more addresses are remembered', async (t) => {
  const tick = stopTime(t);
  const attempts = new SignInAttempts(MAX);
  const from = (some: string, total: number) =>
    Promise.all(Array.from({ length: total }, (_, i) => attempts.try(`${some}${i}`, wrong)));
  assert.deepEqual(count(await from('x', 2_000)), { wrong: 200, wrongAgain: 1_800 });
  assert.equal(attempts.size, 200);
  assert.equal((await attempts.try('new', right)).how, 'right');
  assert.equal((await attempts.try('x1', right)).how, 'right');
  assert.deepEqual(await attempts.try('new', wrong), {
    how: 'wrongAgain',
    retryAfterMs: WINDOW_MS,
  });
  // Windows of addresses outlive that of the total by at most one.
  tick(WINDOW_MS - 1);
  await from('y', 2_000);
  tick(1);
  assert.deepEqual(count(await from('z', 2_000)), { wrong: 200, wrongAgain: 1_800 });
  assert.ok(attempts.size <= 400);
  tick(WINDOW_MS);
  assert.equal(attempts.size, 0);
});

test('[R31] a place whose window ends while it is held gives the next no try more', async (t) => {
  const tick = stopTime(t);
  const attempts = new SignInAttempts(1);
  const judging = Promise.withResolvers<string>();
  const slow = attempts.try('a', () => judging.promise);
  await settle(2);
  tick(WINDOW_MS);
  judging.resolve('alice');
  assert.equal((await slow).how, 'right');
  assert.equal((await attempts.try('a', wrong)).how, 'wrong');
  assert.equal((await attempts.try('a', wrong)).how, 'refused');
});

test('[R31] 0 hears nobody, unlimited everybody', async () => {
  assert.equal((await new SignInAttempts(0).try('a', right)).how, 'refused');
  const all = new SignInAttempts(null);
  const outcomes = await Promise.all(Array.from({ length: 500 }, () => all.try('a', wrong)));
  assert.deepEqual(count(outcomes), { wrong: 500 });
});

test('[R31] [DO10] 200 wrong links at once: ten are looked at, the rest is 429 with a page; another address signs in', async () => {
  const server = await startServer({ CHAT_TRUSTED_PROXIES: '127.0.0.1' });
  const login = (code: string, address: string) =>
    rawOnce(server.origin, `/chat/login?code=${code}`, { 'X-Forwarded-For': address });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => login(`wrong${i}`, '198.51.100.1')),
  );
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 403).length, MAX);
  assert.equal(statuses.filter((status) => status === 429).length, 200 - MAX);
  const code = new URL(server.signInUrl()).searchParams.get('code') ?? '';
  const refused = await login(code, '198.51.100.1');
  assert.equal(refused.status, 429);
  assert.match(refused.headers['retry-after'] ?? '', /^(600|5\d\d)$/);
  assert.match(refused.headers['content-security-policy'] ?? '', /default-src 'none'/);
  assert.match(refused.body, /Open yours again in 10 minutes: it has not been used up/);
  assert.match(refused.body, /npx greenroom login/);
  assert.match(refused.headers['set-cookie'] ?? '', /^$/);
  const other = await login(code, '198.51.100.2');
  assert.equal(other.status, 303);
  assert.match(other.headers['set-cookie'] ?? '', /^greenroom=/);
  // It asks for no code, so it says what it always says.
  const page = await rawOnce(server.origin, '/chat/login', { 'X-Forwarded-For': '198.51.100.1' });
  assert.equal(page.status, 200);
  await server.stop();
});

test('[R31] [DO10] while links are tried from everywhere, a wrong one is 429 and a right one signs in', async () => {
  const server = await startServer({
    CHAT_TRUSTED_PROXIES: '127.0.0.1',
    CHAT_MAX_SIGN_IN_ATTEMPTS: '1',
  });
  const login = (code: string, address: string) =>
    rawOnce(server.origin, `/chat/login?code=${code}`, { 'X-Forwarded-For': address });
  for (let i = 0; i < 20; i++) assert.equal((await login('wrong', `198.51.100.${i}`)).status, 403);
  const wrongOne = await login('wrong', '203.0.113.1');
  assert.equal(wrongOne.status, 429);
  assert.match(wrongOne.headers['retry-after'] ?? '', /^\d+$/);
  assert.match(wrongOne.body, /This link does not work/);
  const code = new URL(server.signInUrl()).searchParams.get('code') ?? '';
  assert.equal((await login(code, '203.0.113.1')).status, 303);
  await server.stop();
});
