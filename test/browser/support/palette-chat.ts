import { expect, type Page, type Route } from '@playwright/test';
import type { Message } from '../../../src/transport/protocol.ts';
import type { ConversationPage, ConversationView } from '../../../src/transport/views.ts';
import { answerApi } from './api.ts';
import { ORIGIN, ScriptedServer } from './scripted-server.ts';
import { watchForTrouble } from './watch.ts';

const TITLES = [
  'Rename photos by date',
  'Which tests are slow?',
  'Größe der Datenbank',
  'Old plans',
];
/** Last used first; the second is on screen. */
export const CONVERSATIONS = TITLES.map((title, index): ConversationView => {
  const at = Date.UTC(2026, 10, 20) - index * 3_600_000;
  const activity = index === 0 ? 'running' : null;
  const threadId = `thread-${index}`;
  return {
    threadId,
    title,
    createdAt: at,
    updatedAt: at,
    endedAt: at,
    activity,
    forkedFrom: null,
    pinned: false,
  };
});
/** So old that it is not in the list. */
export const LONG_AGO: ConversationView = {
  ...(CONVERSATIONS[3] as ConversationView),
  threadId: 'long-ago',
  title: 'Long ago',
  updatedAt: 1,
};
const SAID: Message[] = [
  { id: 'm-0', role: 'user', content: 'Where are they renamed?' },
  { id: 'm-1', role: 'assistant', content: 'That is where the photos are.' },
];
/** What a search finds: a place in the last of them. */
export const FOUND: ConversationPage = {
  conversations: [
    {
      ...CONVERSATIONS[3]!,
      matches: [
        {
          messageId: 'm-1',
          role: 'assistant',
          createdAt: 1,
          snippet: [
            { text: 'That is where the ', hit: false },
            { text: 'photos', hit: true },
            { text: ' are.', hit: false },
          ],
        },
      ],
    },
  ],
  before: null,
};

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** A page with four conversations and a model to choose. `onSearch` answers what is looked for. */
export async function openWithPalette(
  page: Page,
  onSearch: (route: Route, query: string) => Promise<void> = (route) =>
    route.fulfill({ json: FOUND }),
  { allowed = [], threadId: at = 'thread-1' }: { allowed?: RegExp[]; threadId?: string } = {},
) {
  const trouble = await watchForTrouble(page, allowed);
  const server = await ScriptedServer.start(page);
  /** What was asked of the server that changes something. */
  const asked: Asked[] = [];
  await answerApi(page, 'conversations{,/**,?*}', async (route, { pathname, searchParams }) => {
    const method = route.request().method();
    const query = searchParams.get('q');
    if (query !== null) return onSearch(route, query);
    if (pathname.endsWith('/branches')) return route.fulfill({ json: { branches: [] } });
    if (pathname.endsWith('/share')) return route.fulfill({ json: { share: null } });
    if (pathname.endsWith('/export'))
      return route.fulfill({ body: '{}', headers: { 'Content-Disposition': 'attachment' } });
    const one = [...CONVERSATIONS, LONG_AGO].find((it) => pathname.endsWith(`/${it.threadId}`));
    if (method === 'GET' && one) return route.fulfill({ json: one });
    if (method === 'GET')
      return route.fulfill({ json: { conversations: CONVERSATIONS, before: null } });
    const body = route.request().postDataJSON();
    asked.push({ method, path: pathname, body });
    return route.fulfill({ json: method === 'DELETE' ? {} : { ...CONVERSATIONS[1], ...body } });
  });
  await answerApi(page, 'files?*', (route) =>
    route.fulfill({
      json: { path: '', entries: [], truncated: false, usedBytes: 0, quotaBytes: null },
    }),
  );
  server.onHello = (it, { threadId }) => {
    it.welcome({
      threadId: typeof threadId === 'string' ? threadId : 'thread-new',
      offers: {
        models: [
          { id: 'opus', name: 'Opus', efforts: ['low', 'high'] },
          { id: 'haiku', name: 'Haiku', efforts: [] },
        ],
        commands: [],
        images: null,
        repositories: false,
      },
    });
    const messages = typeof threadId === 'string' ? SAID : [];
    it.send({ type: 'reset', head: null, messages, before: null });
    it.send({ type: 'pending', items: [] }, { type: 'state', state: 'idle', runId: null });
    it.send({ type: 'caughtUp', head: null });
  };
  await page.goto(`${ORIGIN}/chat/#/c/${at}`);
  await expect(page.locator('.connection.good')).toBeAttached();
  await expect(page.locator('.conversation-row')).toHaveCount(
    (page.viewportSize()?.width ?? 0) > 640 ? CONVERSATIONS.length : 0,
  );
  return { server, trouble, asked };
}
