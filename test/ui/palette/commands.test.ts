import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatView } from '../../../src/ui/chat/chat-view.ts';
import { freshView } from '../../../src/ui/chat/chat-view.ts';
import type { ChatClient } from '../../../src/ui/chat/client.ts';
import { emptyRun } from '../../../src/ui/chat/thread.ts';
import { commandsNow, type Situation } from '../../../src/ui/palette/commands.ts';
import { welcomeFrame } from '../../support/welcome.ts';

const models = [
  { id: 'opus', name: 'Opus', efforts: ['low', 'high'] },
  { id: 'haiku', name: 'Haiku', efforts: [] },
];
const offers = { models, commands: [], images: null, repositories: false };
const view: ChatView = freshView('t', welcomeFrame({ offers }));

function situation(change: Partial<Situation> = {}): { now: Situation; done: unknown[] } {
  const done: unknown[] = [];
  const note =
    (name: string) =>
    (...said: unknown[]) =>
      done.push([name, ...said]);
  const now: Situation = {
    client: { stop: note('stop'), choose: note('choose') } as unknown as ChatClient,
    view,
    isLive: true,
    conversation: {
      threadId: 't',
      title: 'One',
      createdAt: 0,
      updatedAt: 0,
      endedAt: 0,
      activity: null,
      forkedFrom: null,
      pinned: false,
    },
    list: { pin: async (...said) => void note('pin')(...said) },
    remove: note('remove'),
    page: {
      newChat: note('newChat'),
      filesOpen: false,
      toggleFiles: note('files'),
      signOut: note('signOut'),
      showTrust: note('trust'),
      showHelp: note('help'),
    },
    askTitle: note('askTitle'),
    ...change,
  };
  return { now, done };
}
const keys = (change: Partial<Situation> = {}) =>
  commandsNow(situation(change).now).map(({ key }) => key);

test('all that can be done with a conversation while the server is there', () => {
  assert.deepEqual(keys(), [
    ...['rename', 'pin', 'copyLink', 'share', 'export-md', 'export-json', 'remove'],
    ...['model-', 'model-haiku', 'effort-', 'effort-low', 'effort-high'],
    ...['new', 'files', 'trust', 'language-en', 'language-de', 'help', 'signOut'],
  ]);
});

test('nothing is offered that cannot be done: no conversation, no server, nobody signed in, nothing to choose', () => {
  const fresh = keys({ conversation: null, view: freshView('t', welcomeFrame()) });
  assert.deepEqual(fresh, [
    'new',
    'files',
    'trust',
    'language-en',
    'language-de',
    'help',
    'signOut',
  ]);
  assert.deepEqual(
    keys({ isLive: false }).filter((key) => !/^(?:model|effort)-/.test(key)),
    ['copyLink', 'new', 'trust', 'help'],
  );
  const page = { ...situation().now.page, signOut: null };
  assert.ok(!keys({ page }).includes('signOut'));
});

test('an answer can be stopped while one is written', () => {
  const running = { ...view, runs: [emptyRun('r', null, 0)] };
  assert.ok(keys({ view: running }).includes('stop'));
  assert.ok(!keys().includes('stop'));
});

test('what is chosen now is marked, and a choice says what it changes', () => {
  const { now, done } = situation({
    view: { ...view, chosen: { model: null, effort: 'high', repository: null } },
  });
  const all = commandsNow(now);
  const current = all.filter(({ isCurrent }) => isCurrent).map(({ key }) => key);
  assert.deepEqual(current, ['model-', 'effort-high', 'language-en']);
  for (const key of ['model-haiku', 'effort-', 'pin', 'remove', 'rename', 'signOut'])
    all.find((offer) => offer.key === key)?.run();
  assert.deepEqual(done, [
    ['choose', { model: 'haiku', effort: null }],
    ['choose', { effort: null }],
    ['pin', 't', true],
    ['remove', 't'],
    ['askTitle'],
    ['signOut'],
  ]);
});

test('every command has words and a key of its own', () => {
  const all = commandsNow(situation().now);
  assert.equal(new Set(all.map(({ key }) => key)).size, all.length);
  assert.equal(new Set(all.map(({ words }) => words)).size, all.length);
});
