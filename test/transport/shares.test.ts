/** Who may watch by a link, and when that ends, without a server around it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createLog } from '../../src/telemetry/log.ts';
import { Members } from '../../src/transport/auth/members.ts';
import { Shares, WRONG_MAX } from '../../src/transport/shares.ts';
import { memoryStore } from '../support/memory-store.ts';

async function shared() {
  const store = memoryStore();
  const members = new Members({ allowed: ['amy', 'bob'], operators: [] });
  const shares = new Shares({ store, members, now: Date.now, log: createLog('silent') });
  await store.accept('amy/talk', { runId: 'r', digest: 'd', text: 'hello' });
  const id = await shares.create('amy/talk', null);
  return { store, members, shares, id };
}

test('[LK7] whose owner may not come in any more is shown to nobody', {
  timeout: 10_000,
}, async () => {
  const { store, members, shares, id } = await shared();
  const ended = Promise.withResolvers<void>();
  await shares.open(id, 'bob', ended.resolve);
  members.replace({ allowed: ['amy', 'bob', 'eve'], operators: [] });
  assert.equal((await shares.view('amy/talk'))?.readers[0]?.isWatching, true);
  members.replace({ allowed: ['bob'], operators: [] });
  await ended.promise;
  await assert.rejects(
    shares.open(id, 'bob', () => {}),
    { code: 'share.unknown' },
  );
  await store.close();
});

test('[LK7] a withdrawal that comes while a link is looked up is not missed', {
  timeout: 10_000,
}, async () => {
  const { store, shares, id } = await shared();
  let ended = 0;
  const opening = shares.open(id, 'bob', () => {
    ended += 1;
  });
  await shares.revoke('amy/talk');
  await opening.catch(() => {
    ended += 1;
  });
  assert.ok(ended > 0);
  assert.equal(await shares.upload('bob', 'any'), null);
  await store.close();
});

test('[LK7] where it cannot be known whether a link still holds, its readers are let go', {
  timeout: 10_000,
}, async () => {
  const { store, shares, id } = await shared();
  const ended = Promise.withResolvers<void>();
  await shares.open(id, 'bob', ended.resolve);
  store.share = () => Promise.reject(new Error('the store is down'));
  await store.rename('amy/talk', 'another name', 'user');
  await ended.promise;
  await store.close();
});

test('[LK3] who has left is not watching, and stays among those who opened it', {
  timeout: 10_000,
}, async () => {
  const { store, shares, id } = await shared();
  const opened = await shares.open(id, 'bob', () => assert.fail('nothing has ended'));
  opened.leave();
  const view = await shares.view('amy/talk');
  assert.deepEqual(
    view?.readers.map(({ user, isWatching }) => [user, isWatching]),
    [['bob', false]],
  );
  await shares.revoke('amy/talk');
  await store.close();
});

test('[LK7] a link that has not quite expired when its timer fires ends all the same', {
  timeout: 10_000,
}, async () => {
  const { store, members } = await shared();
  let clock = 0;
  const shares = new Shares({ store, members, now: () => clock, log: createLog('silent') });
  const id = await shares.create('amy/talk', 1_000);
  clock = 990;
  const ended = Promise.withResolvers<void>();
  await shares.open(id, 'bob', ended.resolve);
  const share = store.share.bind(store);
  let looked = 0;
  store.share = async (...given) => {
    looked += 1;
    const found = await share(...given);
    clock = 1_000;
    return found;
  };
  await ended.promise;
  assert.equal(looked, 2);
  await store.close();
});

test('[LK7] a link that works longer than a timer can wait is not looked up over and over', {
  timeout: 10_000,
}, async (t) => {
  const { store, shares } = await shared();
  const warned = t.mock.method(process, 'emitWarning', () => {});
  const id = await shares.create('amy/talk', 30 * 24 * 3_600_000);
  const opened = await shares.open(id, 'bob', () => assert.fail('nothing has ended'));
  await setImmediate();
  assert.deepEqual(
    warned.mock.calls.map(({ arguments: [text] }) => String(text)),
    [],
  );
  opened.leave();
  await store.close();
});

test('[R55] [LK5] whose coming could not be noted does not watch, and is shown no image', {
  timeout: 10_000,
}, async () => {
  const { store, shares, id } = await shared();
  store.noteReader = () => Promise.reject(new Error('the store is down'));
  await assert.rejects(shares.open(id, 'bob', () => assert.fail('it never began')));
  store.uploadIn = async () => ({ id: 'any', type: 'image/png', bytes: new Uint8Array() });
  assert.equal(await shares.upload('bob', 'any'), null);
  await shares.revoke('amy/talk');
  await store.close();
});

test('[R59] [LK8] who tries link after link fills no log', { timeout: 10_000 }, async () => {
  const { store, members } = await shared();
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const shares = new Shares({ store, members, now: Date.now, log });
  for (let i = 0; i < 3 * WRONG_MAX; i++) await assert.rejects(shares.find('wrong', 'bob'));
  assert.equal(lines.length, WRONG_MAX);
  await store.close();
});
