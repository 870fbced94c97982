import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { diagramPolicy } from '../../src/transport/pages.ts';
import { ATTACKS, EVIL_DIAGRAMS } from '../ui/markdown/corpus/attacks.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { RealServer } from './support/real-server.ts';
import { finished, ORIGIN, ScriptedServer, started, text } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const ASKED = [{ id: 'u1', role: 'user' as const, content: 'Show me' }];
const FRAME = `${ORIGIN}/chat/diagram/frame`;

async function open(page: Page, allowed: RegExp[] = []) {
  const trouble = await watchForTrouble(page, allowed);
  const server = await ScriptedServer.start(page);
  await page.route(FRAME, async (route) => {
    const body = await readFile('dist/ui/diagram/frame.html', 'utf8');
    const headers = { 'Content-Security-Policy': diagramPolicy(body) };
    await route.fulfill({ body, contentType: 'text/html; charset=utf-8', headers });
  });
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  return { server, trouble };
}

function answer(server: ScriptedServer, ...deltas: string[]): void {
  server.keep(started('r1', ASKED), ...text('m1', ...deltas), finished('r1'));
}

const READING = `# Reading

- [x] read the *note*
- [ ] write the answer

The sum $\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}$ costs $5 or $6, see the note[^n] and [bank.example](https://other.example/).

$$
\\int_0^1 \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} \\, dx = \\sqrt{2}
$$

| Name | Value | ${'wide '.repeat(40)} |
|---|--:|---|
| one | 1 | \`x\` |

\`\`\`mermaid
flowchart LR
  A[Start] --> B{Right?}
  B -->|yes| C[Done]
\`\`\`

\`\`\`ts
const answer = 42; // ${'a long comment '.repeat(12)}
\`\`\`

[^n]: A footnote with \`code\`.
`;

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 390])
    test(`what an answer may hold is accessible, ${colorScheme}, ${width} px`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const { server, trouble } = await open(page);
      answer(server, READING);
      await expect(page.locator('.markdown math')).toHaveCount(2);
      await expect(page.locator('code .hljs-keyword').first()).toHaveText('const');
      await expect(page.getByRole('checkbox', { name: 'done' })).toBeChecked();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Draw the diagram' }).click();
      await expect(page.getByRole('button', { name: 'Back to the source' })).toBeVisible();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await page.screenshot({ path: `test-results/reading-${colorScheme}-${width}.png` });
      await page.locator('.markdown h4, .markdown h3').first().scrollIntoViewIfNeeded();
      await page.screenshot({ path: `test-results/reading-${colorScheme}-${width}-top.png` });
      trouble.expectClean();
    });

test('maths appears when its end is written, and its library is not asked for before', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const { server, trouble } = await open(page);
  const events = text('m1', 'It costs $5. ', 'The root $\\sqrt', '{2}', '$ is', ' near.');
  server.keep(started('r1', ASKED), ...events.slice(0, 4));
  await expect(page.locator('.markdown')).toHaveText('It costs $5. The root $\\sqrt{2}');
  expect(asked.filter((url) => url.includes('katex'))).toEqual([]);
  server.keep(...events.slice(4), finished('r1'));
  await expect(page.locator('.markdown msqrt')).toBeVisible();
  expect(asked.filter((url) => url.includes('katex'))).toHaveLength(1);
  trouble.expectClean();
});

test('a wrong formula stays as its source', async ({ page }) => {
  const { server, trouble } = await open(page);
  answer(server, 'Wrong: $\\frac{1$ and right: $x$');
  await expect(page.locator('.math-source')).toHaveText('$\\frac{1$');
  await expect(page.locator('math')).toHaveCount(1);
  trouble.expectClean();
});

test('a reference leads to its footnote and back, by the keyboard too', async ({ page }) => {
  const { server, trouble } = await open(page);
  answer(server, 'Word[^a].\n\n', `${'Filler.\n\n'.repeat(60)}`, '[^a]: The note.\n');
  const hash = await page.evaluate(() => location.hash);
  await page.getByRole('button', { name: 'Footnote 1' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-note-text="1"]')).toBeFocused();
  await expect(page.locator('[data-note-text="1"]')).toBeInViewport();
  await page.getByRole('button', { name: 'Back to the text' }).click();
  await expect(page.getByRole('button', { name: 'Footnote 1' })).toBeFocused();
  expect(await page.evaluate(() => location.hash)).toBe(hash);
  trouble.expectClean();
});

test('long code is folded until it is wanted; wrapping is chosen once, for all code', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const line = `${'word '.repeat(100)}\n`;
  answer(server, `\`\`\`ts\n${'let a = 1;\n'.repeat(300)}\`\`\`\n\n\`\`\`\n${line}\`\`\`\n`);
  const long = page.locator('.code').first();
  await expect(long.locator('.hljs-keyword').first()).toHaveText('let');
  const height = async () => (await long.locator('pre').boundingBox())?.height ?? 0;
  expect(await height()).toBeLessThan(400);
  await long.getByRole('button', { name: 'Show all 300 lines' }).click();
  expect(await height()).toBeGreaterThan(3_000);
  await page.getByRole('button', { name: 'Wrap lines' }).last().click();
  const isWide = () =>
    page
      .locator('.code pre')
      .last()
      .evaluate((pre) => pre.scrollWidth > pre.clientWidth);
  expect(await isWide()).toBe(false);
  await page.reload();
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  answer(server, `\`\`\`\n${line}\`\`\`\n`);
  await expect(page.getByRole('button', { name: 'Wrap lines' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  expect(await isWide()).toBe(false);
  trouble.expectClean();
});

test('what is selected or focused in code that is still being written stays while it grows', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const events = text('m1', '```html\n<b>first</b>\n', 'second & "third"\n', '<i>last\n', '```\n');
  server.keep(started('r1', ASKED), ...events.slice(0, 2));
  const code = page.locator('.code code');
  await expect(code).toContainText('<b>first</b>');
  await page.getByRole('button', { name: 'Wrap lines' }).focus();
  await code.evaluate((element) => getSelection()?.selectAllChildren(element));
  server.keep(...events.slice(2, 4));
  await expect(code).toContainText('<i>last');
  expect(await code.textContent()).toBe('<b>first</b>\nsecond & "third"\n<i>last\n');
  expect(await page.evaluate(() => getSelection()?.toString())).toContain('<b>first</b>');
  await expect(page.getByRole('button', { name: 'Wrap lines' })).toBeFocused();
  server.keep(...events.slice(4), finished('r1'));
  await expect(code.locator('.hljs-name').first()).toHaveText('b');
  expect(await code.textContent()).toBe('<b>first</b>\nsecond & "third"\n<i>last\n');
  trouble.expectClean();
});

test('[P8] of long code that grows only the last lines are laid out anew, and it reads as one text', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const lines = Array.from({ length: 600 }, (_, at) => `const line${at} = ${at};\n`);
  const third = (at: number) => lines.slice(at * 200, at * 200 + 200).join('');
  const events = text('m1', `\`\`\`ts\n${third(0)}`, third(1), third(2));
  server.keep(started('r1', ASKED), ...events.slice(0, 2));
  const code = page.locator('.code code');
  await expect(code).toContainText('line199 ');
  server.keep(...events.slice(2, 3));
  await expect(code).toContainText('line399 ');
  server.keep(...events.slice(3, 4));
  await expect(code).toContainText('line599 ');
  const seen = await code.evaluate((element) => {
    const growing = element.lastChild as Text;
    getSelection()?.selectAllChildren(element);
    const height = element.getBoundingClientRect().height;
    return {
      growing: growing.length,
      selected: `${getSelection()}`,
      height,
      all: element.textContent,
    };
  });
  const lineHeight = await code.evaluate((element) =>
    Number.parseFloat(getComputedStyle(element).lineHeight),
  );
  expect(seen.all).toBe(lines.join(''));
  expect(seen.selected.trimEnd()).toBe(lines.join('').trimEnd());
  expect(seen.growing).toBeLessThan(4_000);
  expect(Math.round(seen.height / lineHeight)).toBe(lines.length);
  trouble.expectClean();
});

test('[R58] a diagram is drawn on request only, in a frame of nobody’s origin, and its source comes back', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const { server, trouble } = await open(page);
  answer(server, '```mermaid\nflowchart LR\n  A[Start] --> B[End]\n```\n');
  const draw = page.getByRole('button', { name: 'Draw the diagram' });
  await expect(draw).toBeVisible();
  expect(asked.filter((url) => /diagram|draw/.test(url))).toEqual([]);
  await draw.click();
  const inside = page.frameLocator('.diagram iframe');
  await expect(inside.locator('svg')).toContainText('Start');
  await expect(page.locator('.diagram iframe')).toHaveAttribute('title', 'Diagram: flowchart LR');
  const frame = page.frames().find((each) => each.url() === FRAME);
  expect(await frame?.evaluate(() => [origin, 'mermaid' in window])).toEqual(['null', true]);
  const box = await page.locator('.diagram iframe').boundingBox();
  expect(box?.height).toBeGreaterThan(30);
  await page.getByRole('button', { name: 'Back to the source' }).click();
  await expect(page.locator('.diagram')).toHaveCount(0);
  await expect(page.locator('.code pre')).toBeVisible();
  await draw.click();
  await expect(inside.locator('svg')).toContainText('End');
  trouble.expectClean();
});

test('a diagram that is wrong says why, and leaves its source', async ({ page }) => {
  const { server, trouble } = await open(page);
  answer(server, '```mermaid\nflowchart LR\n  A[Start --> B\n```\n');
  await page.getByRole('button', { name: 'Draw the diagram' }).click();
  await expect(page.locator('.diagram-status.wrong')).toContainText('This cannot be drawn: ');
  await expect(page.locator('iframe')).toHaveCount(0);
  await expect(page.locator('.code pre')).toBeVisible();
  trouble.expectClean();
});

test('[R58] a corpus of attacks, streamed: nothing runs, nothing is loaded, nothing unknown is in the page', async ({
  page,
}) => {
  test.setTimeout(240_000);
  page.on('dialog', (dialog) => {
    throw new Error(`a dialog: ${dialog.message()}`);
  });
  const { server, trouble } = await open(page);
  await page.evaluate(() => Object.assign(window, { hacked: [] }));
  const deltas = ATTACKS.flatMap((attack) => `${attack}\n\n`.match(/[\s\S]{1,40}/g) ?? []);
  const events = text('m1', ...deltas, 'THE END');
  server.keep(started('r1', ASKED));
  for (let at = 0; at < events.length; at += 20) {
    server.keep(...events.slice(at, at + 20));
    // One paint each, as a stream has.
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  server.keep(finished('r1'));
  await expect(page.locator('.markdown')).toContainText('THE END');
  await expect(page.locator('math').first()).toBeAttached();
  await expect(page.locator('[data-math]')).toHaveCount(0);
  const found = await page.locator('.markdown').evaluate((markdown) => {
    const HTML =
      /^(a|blockquote|br|button|code|del|div|em|h[3-6]|hr|li|ol|p|pre|span|strong|sup|table|tbody|td|th|thead|tr|ul)$/;
    const MATH =
      /^(math|annotation|menclose|mfrac|mi|mmultiscripts|mn|mo|mover|mpadded|mphantom|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder|munderover|semantics)$/;
    const NAMES =
      /^(href|title|target|rel|class|type|start|tabindex|role|aria-(checked|disabled|label|pressed)|data-(lang|open|note|note-text))$/;
    const odd: string[] = [];
    for (const element of markdown.querySelectorAll('*')) {
      const isMath = element.namespaceURI?.endsWith('MathML') ?? false;
      if (!(isMath ? MATH : HTML).test(element.localName)) odd.push(element.outerHTML);
      for (const { name, value } of element.attributes)
        if ((isMath ? /^(on|href|style|src|id)/ : /./).test(name) && (isMath || !NAMES.test(name)))
          odd.push(`${name}=${value}`);
    }
    const links = [...markdown.querySelectorAll('a')];
    odd.push(...links.map((a) => a.protocol).filter((p) => !/^(https?|mailto):$/.test(p)));
    return { odd, hacked: (window as unknown as { hacked: unknown[] }).hacked };
  });
  expect(found).toEqual({ odd: [], hacked: [] });
  trouble.expectClean();
});

test('[R58] evil diagrams: nothing runs, no request leaves, and nothing leads out of the frame', async ({
  page,
}) => {
  test.setTimeout(240_000);
  const failures: (string | undefined)[] = [];
  page.on('requestfailed', (request) => failures.push(request.failure()?.errorText));
  const left: string[] = [];
  page.on('response', (response) => {
    if (!response.url().startsWith(ORIGIN)) left.push(response.url());
  });
  // The frame’s own policy refuses what a drawing asks for: the browser names it, and asks nobody.
  const { server, trouble } = await open(page, [
    /^console: .*violates the following Content Security Policy/s,
    /^csp: (img-src|script-src-attr)/,
    /^foreign request: https:\/\/evil\.example\/\w\.png$/,
  ]);
  await page.evaluate(() => Object.assign(window, { hacked: [] }));
  answer(server, EVIL_DIAGRAMS.map((source) => `\`\`\`mermaid\n${source}\n\`\`\`\n`).join('\n'));
  for (const [index] of EVIL_DIAGRAMS.entries()) {
    const code = page.locator('.code').nth(index);
    await code.getByRole('button', { name: 'Draw the diagram' }).click();
    await expect(
      code.locator('.diagram-status.wrong, .code-button.draw:text("Back")'),
    ).toBeVisible();
  }
  for (const frame of page.frames().slice(1)) {
    expect(await frame.locator('script:not(body > script:first-child), iframe').count()).toBe(0);
    expect(await frame.locator('[href]:not(use), [onerror], [onload], [onclick]').count()).toBe(0);
  }
  expect(await page.evaluate(() => (window as unknown as { hacked: unknown[] }).hacked)).toEqual(
    [],
  );
  expect(left).toEqual([]);
  expect([...new Set(failures)]).toEqual(['csp']);
  trouble.expectClean();
});

test('[R58] the real server sends the frame with its own policy, to who is signed in, under any base path', async ({
  page,
}) => {
  const server = await RealServer.start({ CHAT_BASE_PATH: '/tools/ai.chat' });
  try {
    const trouble = await watchForTrouble(page);
    const url = `${server.origin}/tools/ai.chat/diagram/frame`;
    const stranger = await fetch(url, { redirect: 'manual' });
    await stranger.body?.cancel();
    expect(stranger.status).toBe(401);
    await page.goto(server.signInUrl);
    const box = page.getByRole('textbox', { name: 'Message to Claude' });
    // The demo agent quotes what it is told.
    await box.fill('```mermaid\nflowchart LR\n  A[Start] --> B[End]\n```');
    await box.press('Enter');
    const answered = page.waitForResponse(url);
    await page.getByRole('button', { name: 'Draw the diagram' }).click();
    const policy = (await answered).headers()['content-security-policy'] ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+';/);
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).toMatch(/sandbox allow-scripts$/);
    await expect(page.frameLocator('.diagram iframe').locator('svg')).toContainText('Start');
    trouble.expectClean();
  } finally {
    await server.stop();
  }
});
