import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MatchView } from '../../../src/transport/views.ts';
import type { Found } from '../../../src/ui/history/conversation-list.ts';
import type { Offer } from '../../../src/ui/palette/commands.ts';
import { type Group, optionsFor, type Sources } from '../../../src/ui/palette/options.ts';

function conversation(threadId: string, title: string, updatedAt: number, pinned = false): Found {
  const rest = { activity: null, forkedFrom: null, pinned };
  return { threadId, title, createdAt: 0, updatedAt, endedAt: 0, ...rest };
}
function offer(key: string, words: string, group: Offer['group']): Offer {
  return { key, words, group, isCurrent: false, shortcut: null, run: () => {} };
}
const match: MatchView = {
  messageId: 'm',
  role: 'user',
  createdAt: 0,
  snippet: [{ text: 'x', hit: true }],
};

const CONVERSATIONS = [
  conversation('pinned', 'Old plans', 1, true),
  conversation('here', 'Which tests are slow?', 9),
  ...Array.from({ length: 6 }, (_, index) => conversation(`t${index}`, `Talk ${index}`, index + 2)),
];
const sources: Sources = {
  query: '',
  conversations: CONVERSATIONS,
  currentId: 'here',
  offers: [offer('pin', 'Pin this', 'conversation'), offer('new', 'New talk', 'page')],
  search: { query: '', state: 'off', found: [] },
};
const idsOf = (groups: readonly Group[]) =>
  groups.map(({ id, options }) => [id, options.map((option) => option.id)]);

test('for no query: the recent ones but the one on screen, last used first, and all commands by group', () => {
  assert.deepEqual(idsOf(optionsFor(sources)), [
    ['recent', ['c-t5', 'c-t4', 'c-t3', 'c-t2', 'c-t1']],
    ['conversation', ['x-pin']],
    ['page', ['x-new']],
  ]);
});

test('the better of titles and commands comes first; equals have titles first', () => {
  assert.deepEqual(
    optionsFor({ ...sources, query: 'new' }).map(({ id }) => id),
    ['commands'],
  );
  const both = optionsFor({ ...sources, query: 'talk' });
  assert.deepEqual(
    both.map(({ id }) => id),
    ['conversations', 'commands'],
  );
  assert.equal(optionsFor({ ...sources, query: 'newtalk' })[0]?.id, 'commands');
});

test('what the server found is last, and names no title twice', () => {
  const found: Found[] = [
    CONVERSATIONS[0] as Found, // its title alone fits, and is shown already
    { ...conversation('far', 'Planning', 0), matches: [match] },
    conversation('title', 'Plans of long ago', 0),
  ];
  const groups = optionsFor({
    ...sources,
    query: 'plans',
    search: { query: 'plans', state: 'found', found },
  });
  assert.deepEqual(idsOf(groups), [
    ['conversations', ['c-pinned']],
    ['said', ['m-far-m', 'c-title']],
  ]);
});

test('every option has an id of its own', () => {
  const found = CONVERSATIONS.map((one) => ({ ...one, matches: [match] }));
  for (const query of ['', 't', 'talk', 'zzz']) {
    const ids = optionsFor({ ...sources, query, search: { query, state: 'found', found } }).flatMap(
      ({ options }) => options.map(({ id }) => id),
    );
    assert.equal(new Set(ids).size, ids.length);
  }
});
