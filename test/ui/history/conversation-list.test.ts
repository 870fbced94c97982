import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConversationView } from '../../../src/transport/views.ts';
import { ApiError } from '../../../src/ui/api.ts';
import type { HistoryApi } from '../../../src/ui/history/api.ts';
import { ConversationList } from '../../../src/ui/history/conversation-list.ts';

const view = (threadId: string, updatedAt: number, rest: Partial<ConversationView> = {}) => ({
  ...{ threadId, title: threadId, createdAt: 1, updatedAt, endedAt: updatedAt },
  ...{ activity: null, forkedFrom: null, pinned: false, ...rest },
});

/** A list of three, last used first, whose server answers so. */
async function listed(api: Partial<HistoryApi> = {}) {
  const conversations = [view('c', 3), view('b', 2), view('a', 1)];
  const list = new ConversationList({
    api: { list: async () => ({ conversations, before: null }), ...api } as HistoryApi,
    setTimeout: () => 0,
    clearTimeout: () => {},
  });
  await list.refresh();
  return list;
}
const order = (list: ConversationList) => list.view().conversations.map(({ threadId }) => threadId);
const refused = (fault: string, status = 409) => Promise.reject(new ApiError(status, 'No', fault));

test('[HI9] what is pinned is on top at once, before the server has answered', async () => {
  const list = await listed({ pin: () => new Promise(() => {}) });
  void list.pin('a', true);
  assert.deepEqual(order(list), ['a', 'c', 'b']);
});

test('[HI9] one too many goes back to where it was, and it is said what to do', async () => {
  const list = await listed({ pin: () => refused('pin.tooMany') });
  await list.pin('a', true);
  assert.deepEqual(order(list), ['c', 'b', 'a']);
  assert.match(list.view().problem ?? '', /Unpin one first/);
});

test('[HI7] [HI9] a pin of another window is shown where it belongs', async () => {
  const list = await listed();
  const conversation = view('b', 2, { pinned: true });
  list.receive({ type: 'conversation', threadId: 'b', conversation });
  assert.deepEqual(order(list), ['b', 'c', 'a']);
});

test('what is pinned already is not asked for again', async () => {
  let asked = 0;
  const list = await listed({
    pin: async () => {
      asked += 1;
      return view('a', 1);
    },
  });
  await list.pin('a', false);
  await list.pin('unknown', true);
  assert.equal(asked, 0);
});

test('each way to fail is said in the page’s words', async () => {
  const ways: [() => Promise<never>, RegExp][] = [
    [() => refused('conversation.unknown', 404), /no such conversation/],
    [() => Promise.reject(new ApiError(0, 'x')), /cannot be reached/],
    [() => Promise.reject(new ApiError(500, 'Internal text')), /did not work/],
  ];
  for (const [rename, words] of ways) {
    const list = await listed({ rename });
    await list.rename('a', 'Other');
    assert.match(list.view().problem ?? '', words);
    assert.equal(list.get('a')?.title, 'a');
  }
});
