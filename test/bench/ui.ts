/**
 * How the page fares with long conversations and fast answers (P8), in a real browser against a scripted server.
 * `npm run bench:ui`, or `node test/bench/ui.ts DIR` for a page built elsewhere.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from '@playwright/test';
import type { Message } from '../../src/transport/protocol.ts';
import { CHROMIUM } from '../browser/support/chromium.ts';
import { hearFrames, paintDelays, watchPaints } from './paint-delay.ts';
import { UiServer } from './ui-server.ts';
import { watch, watched } from './watch-frames.ts';

const DIST = process.argv[2] ?? 'dist/ui';
const ROUNDS = 3;

interface Pace {
  readonly tokens: number;
  readonly perSecond: number;
  /** Between frames. */
  readonly everyMs: number;
}
/** Paced as the real server does it. */
const FAST: Pace = { tokens: 10_000, perSecond: 2_000, everyMs: 16 };
/** A frame for each token. */
const USUAL: Pace = { tokens: 250, perSecond: 50, everyMs: 20 };
const VIEWPORT = { width: 1280, height: 800 };

type Figures = Record<string, number>;

const server = await UiServer.start(DIST);
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
});
try {
  const rounds: Figures[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({
      ...(await streaming(browser)),
      ...(await coding(browser)),
      ...(await reading(browser)),
      ...(await painting(browser, 2)),
      ...(await painting(browser, 500)),
    });
  console.log(`| ${DIST} | median of ${ROUNDS} |\n|---|---|`);
  console.log(`| initial JS, KB gzip | ${initialKilobytes()} |`);
  for (const name of Object.keys(rounds[0] ?? {}))
    console.log(`| ${name} | ${median(rounds.map((figures) => figures[name] ?? 0))} |`);
} finally {
  await browser.close();
  await server.close();
}

/** 2,000 tokens/s into a thread of 500 messages, while someone types. */
async function streaming(browser: Browser): Promise<Figures> {
  server.messages = conversation(500);
  const page = await opened(browser);
  await loadAll(page, 500);
  await page.locator('.scroller').evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await page.getByRole('textbox', { name: 'Message to Claude' }).focus();
  await watch(page);
  const typing = page.keyboard.type('what someone types meanwhile, at their ease, '.repeat(2), {
    delay: 50,
  });
  await stream(word);
  await page.getByText('The last token.').waitFor();
  await typing;
  const seen = await watched(page);
  await page.close();
  return {
    'streaming: long tasks': seen.longTasks,
    'streaming: longest task, ms': seen.longest,
    'streaming: dropped frames, %': seen.droppedPercent,
    'streaming: keydown p95, ms': seen.keydown,
    'streaming: heap, MB': seen.heap,
  };
}

/** How soon what comes is seen, at 50 tokens a second in a thread of so many messages. */
async function painting(browser: Browser, messages: number): Promise<Figures> {
  server.messages = conversation(messages);
  const page = await opened(browser);
  await loadAll(page, messages);
  await page.locator('.scroller').evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await watchPaints(page);
  await stream(word, '', '', USUAL);
  await page.getByText('The last token.').waitFor();
  const { changed, painted, paintedP95 } = await paintDelays(page);
  await page.close();
  return {
    [`${messages} messages: frame to change of the page, ms`]: changed,
    [`${messages} messages: frame to paint, ms`]: painted,
    [`${messages} messages: frame to paint p95, ms`]: paintedP95,
  };
}

/** The same rate into one code block that is 2,000 lines long already. */
async function coding(browser: Browser): Promise<Figures> {
  server.messages = conversation(2);
  const page = await opened(browser);
  await watch(page);
  const before = '  const answer = await ask({ model, prompt });\n'.repeat(2_000);
  await stream(codeWord, `\`\`\`ts\n${before}`, '\n```');
  await page.getByText('The last token.').waitFor();
  const seen = await watched(page);
  await page.close();
  return {
    'streaming code: long tasks': seen.longTasks,
    'streaming code: dropped frames, %': seen.droppedPercent,
  };
}

/** A conversation of 5,000 messages: opened, read back to its beginning, and scrolled through. */
async function reading(browser: Browser): Promise<Figures> {
  server.messages = conversation(5_000);
  const page = await opened(browser);
  const open = await page.evaluate(() => performance.now());
  await watch(page);
  const back = performance.now();
  await loadAll(page, 5_000);
  const whole = performance.now() - back;
  const loading = await watched(page);
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  await watch(page);
  await scrollThrough(page);
  const scrolling = await watched(page);
  await page.close();
  return {
    '5,000 messages: open, ms': Math.round(open),
    '5,000 messages: all loaded by scrolling up, ms': Math.round(whole),
    'while loading: longest task, ms': loading.longest,
    'all loaded: elements in the page': elements,
    'all loaded: heap, MB': scrolling.heap,
    'scrolling: long tasks': scrolling.longTasks,
    'scrolling: longest task, ms': scrolling.longest,
    'scrolling: dropped frames, %': scrolling.droppedPercent,
  };
}

async function opened(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await hearFrames(page);
  await page.goto(`${server.origin}/chat/#/c/thread-1`);
  await page.getByText(`Answer ${server.messages.length / 2 - 1}.`).waitFor();
  return page;
}

/** Scrolls up until the first message of all is there. */
async function loadAll(page: Page, count: number): Promise<void> {
  await page.locator('.scroller').evaluate(
    (box) =>
      new Promise<void>((resolve) => {
        const step = () => {
          box.scrollTop = 0;
          const isWhole = !document.querySelector('.earlier');
          if (isWhole) resolve();
          else requestAnimationFrame(step);
        };
        step();
      }),
  );
  if (count > 0) await page.getByText('Question 0?').first().waitFor();
}

/** From the beginning on as a fast wheel does it: 120 px a frame, 7,200 px a second, for 600 frames. */
async function scrollThrough(page: Page): Promise<void> {
  await page.locator('.scroller').evaluate(
    (box) =>
      new Promise<void>((resolve) => {
        let frames = 0;
        const step = () => {
          frames += 1;
          box.scrollTop += 120;
          if (frames < 600) requestAnimationFrame(step);
          else resolve();
        };
        requestAnimationFrame(step);
      }),
  );
}

/** @param token The words of the answer, by number. `before` and `after` are sent at once. */
async function stream(
  token: (index: number) => string,
  before = '',
  after = '',
  { tokens, perSecond, everyMs }: Pace = FAST,
): Promise<void> {
  const runId = 'live';
  const input = { threadId: 'thread-1', runId, tools: [], context: [] };
  const messages = [{ id: 'u:live', role: 'user' as const, content: 'Go' }];
  server.keep({ type: 'RUN_STARTED', threadId: 'thread-1', runId, input: { ...input, messages } });
  server.keep({ type: 'TEXT_MESSAGE_START', messageId: 'm:live', role: 'assistant' });
  if (before) server.keep({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm:live', delta: before });
  const started = performance.now();
  let sent = 0;
  while (sent < tokens) {
    const due = Math.min(tokens, ((performance.now() - started) / 1000) * perSecond);
    let delta = '';
    for (; sent < due; sent += 1) delta += token(sent);
    if (delta) server.keep({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm:live', delta });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const delta = `${after}\n\nThe last token.`;
  server.keep({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm:live', delta });
  server.keep({ type: 'TEXT_MESSAGE_END', messageId: 'm:live' });
  server.keep({ type: 'RUN_FINISHED', threadId: 'thread-1', runId });
}

function word(index: number): string {
  if (index % 60 === 59) return '\n\n';
  if (index % 240 === 200) return '**bold** ';
  return `w${index % 97} `;
}

function codeWord(index: number): string {
  return index % 12 === 11 ? `w${index % 97};\n` : `w${index % 97} `;
}

function conversation(count: number): Message[] {
  return Array.from({ length: count }, (_, at): Message => {
    const turn = Math.floor(at / 2);
    const metadata = { runId: `r${turn}` };
    if (at % 2 === 0)
      return { id: `u:r${turn}`, role: 'user', content: `Question ${turn}?`, metadata };
    const body = 'Some words of an answer, as they are. '.repeat((turn * 7) % 23);
    const code = turn % 5 === 0 ? '\n\n```js\nconst answer = 42;\nconsole.log(answer);\n```' : '';
    const list = turn % 3 === 0 ? '\n\n- one\n- two\n- three' : '';
    const content = `Answer ${turn}. ${body}${list}${code}`;
    return { id: `m:r${turn}`, role: 'assistant', content, metadata };
  });
}

/** What the page loads before it shows anything: the scripts that index.html names, and what those import. */
function initialKilobytes(): number {
  const page = readFileSync(join(DIST, 'index.html'), 'utf8');
  const files = readdirSync(join(DIST, 'assets'));
  const wanted = new Set(
    [...page.matchAll(/assets\/([\w.-]+\.js)/g)].map(([, file]) => file ?? ''),
  );
  for (const file of wanted) {
    if (!files.includes(file)) continue;
    const script = readFileSync(join(DIST, 'assets', file), 'utf8');
    for (const [, to = ''] of script.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g))
      wanted.add(to);
  }
  const bytes = [...wanted].map((f) => gzipSync(readFileSync(join(DIST, 'assets', f))).byteLength);
  return Number((bytes.reduce((a, b) => a + b, 0) / 1000).toFixed(1));
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
