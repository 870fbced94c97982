/** Answers the page's requests without a server: `fetch`, for the gallery alone. */
import type { ConversationView, FolderView, MatchView, SignInView } from '../../transport/views.ts';
import { hoursFromNow } from './fixtures.ts';

const FOLDER: Omit<FolderView, 'path'> = {
  entries: [
    { name: 'src', kind: 'folder', bytes: 0, modifiedAt: hoursFromNow(-2) },
    { name: 'README.md', kind: 'file', bytes: 4_812, modifiedAt: hoursFromNow(-30) },
    {
      name: 'a-file-with-a-name-that-is-longer-than-the-panel-is-wide-2026-11-26.csv',
      kind: 'file',
      bytes: 48_120_000,
      modifiedAt: hoursFromNow(-400),
    },
    { name: 'socket', kind: 'other', bytes: 0, modifiedAt: hoursFromNow(-3) },
  ],
  truncated: true,
  usedBytes: 48_124_812,
  quotaBytes: 1024 ** 3,
};

/** Their headings are days: so near to now and to a day ago that they are the same at nearly any hour. */
export const CONVERSATIONS: ConversationView[] = [
  { ...row('What to check before a release', -24 * 9, null), pinned: true },
  row('Rename photos by date', -0.1, 'running'),
  row('Which tests are slow, and why are they?', -0.2, 'asking'),
  row('Why the build is red', -0.3, null),
  row('A title that goes on and on, well past the edge of any sidebar there is', -24, null),
  row('مراجعة الشيفرة', -24.1, null),
  row('Old plans', -24 * 40, null),
];

function row(
  title: string,
  hours: number,
  activity: ConversationView['activity'],
): ConversationView {
  const at = hoursFromNow(hours);
  const threadId = `t${-hours * 10}`;
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
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const SIGN_INS: SignInView[] = [FIREFOX, SAFARI, ''].map((device, index) => ({
  id: `s${index}`,
  device,
  createdAt: hoursFromNow(-50),
  usedAt: hoursFromNow(-index * 7),
  expiresAt: hoursFromNow(100),
  isThis: index === 0,
}));

/** By the end of the path; the first that fits. */
const ANSWERS: readonly [RegExp, (url: URL) => unknown][] = [
  [/api\/conversations\/[^/]+\/branches$/, () => ({ branches: [] })],
  [
    /api\/conversations$/,
    ({ searchParams }) => ({
      conversations: CONVERSATIONS.map((one) => ({
        ...one,
        ...(searchParams.has('q') && { matches: [match(one.threadId)] }),
      })),
      before: null,
    }),
  ],
  [/api\/files$/, ({ searchParams }) => ({ ...FOLDER, path: searchParams.get('path') ?? '' })],
  [/api\/sign-ins$/, () => ({ signIns: SIGN_INS })],
  [/api\/files\/complete$/, () => ({ paths: ['src/main.ts', 'src/config.ts'] })],
];

export function match(id: string): MatchView {
  return {
    messageId: `m-${id}`,
    role: 'assistant',
    createdAt: hoursFromNow(-3),
    snippet: [
      { text: '… that is where the ', hit: false },
      { text: 'photos', hit: true },
      { text: ' are renamed, one by one …', hit: false },
    ],
  };
}

export async function answer(input: RequestInfo | URL): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  if (url.pathname.endsWith('api/files/content'))
    return new Response('# Greenroom\n\nTalk to Claude Code from a browser.\n');
  const found = ANSWERS.find(([path]) => path.test(url.pathname));
  return found ? Response.json(found[1](url)) : Response.json({ fault: 'none' }, { status: 404 });
}
