/** What stands around the conversation: images, completion, models, files, branches. */
import { expect, type Page, test } from '@playwright/test';
import type { Offers } from '../../src/transport/protocol.ts';
import type { FolderView } from '../../src/transport/views.ts';
import { OFFERS as FIXED } from '../../src/ui/dev/fixtures.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { answerApi, PNG } from './support/api.ts';
import { finished, ORIGIN, ScriptedServer, started, text } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const OFFERS: Offers = { ...FIXED, repositories: true };
const user = (id: string, content: string) => ({ id, role: 'user' as const, content });
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });

async function open(page: Page, offers: Partial<Offers> = {}) {
  const trouble = await watchForTrouble(page);
  const server = await ScriptedServer.start(page);
  server.onHello = (it) => {
    it.greet();
    it.welcome({ offers: { ...OFFERS, ...offers } });
    it.send({ type: 'chosen', model: null, effort: null, repository: null });
  };
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeAttached();
  return { server, trouble };
}

/** Uploads are kept as `up1`, `up2`, …, and can be looked at. */
async function takeUploads(page: Page) {
  let count = 0;
  await answerApi(page, 'uploads', (route) => {
    const id = `up${++count}`;
    const json = { id, url: `/chat/api/uploads/${id}`, mimeType: 'image/png', bytes: PNG.length };
    return route.fulfill({ status: 201, json });
  });
  await answerApi(page, 'uploads/*', (route) =>
    route.fulfill({ contentType: 'image/png', body: PNG }),
  );
}

async function pick(page: Page, name: string, mimeType = 'image/png', buffer = PNG) {
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add images' }).click();
  await (await chosen).setFiles({ name, mimeType, buffer });
}

test('an image that was picked is uploaded, shown, and goes with the prompt', async ({ page }) => {
  const { server, trouble } = await open(page);
  await takeUploads(page);
  await pick(page, 'plan.png');
  await expect(page.getByRole('img', { name: 'plan.png' })).toBeVisible();
  await box(page).fill('What is this?');
  await box(page).press('Enter');
  const prompt = await server.prompt();
  expect(prompt.messages?.[0]?.content).toEqual([
    {
      type: 'image',
      source: { type: 'url', value: '/chat/api/uploads/up1', mimeType: 'image/png' },
    },
    { type: 'text', text: 'What is this?' },
  ]);
  server.accept(prompt);
  await expect(page.locator('.run img')).toHaveAttribute('src', `${ORIGIN}/chat/api/uploads/up1`);
  await expect(page.locator('.composer img')).toHaveCount(0);
  trouble.expectClean();
});

test('images can be pasted and dropped; an image alone can be sent', async ({ page }) => {
  const { server } = await open(page);
  await takeUploads(page);
  await page.waitForLoadState('networkidle'); // what hears of a paste comes after the page
  const give = (type: 'paste' | 'drop') =>
    page.evaluate(
      ([kind, base64]) => {
        const bytes = Uint8Array.from(atob(base64 ?? ''), (unit) => unit.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], `${kind}.png`, { type: 'image/png' }));
        const init = { bubbles: true, cancelable: true };
        const target = document.querySelector('textarea');
        if (kind === 'paste')
          target?.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }));
        else target?.dispatchEvent(new DragEvent('drop', { ...init, dataTransfer: data }));
      },
      [type, PNG.toString('base64')],
    );
  await give('paste');
  await give('drop');
  await expect(page.getByRole('img', { name: 'paste.png' })).toBeVisible();
  await expect(page.getByRole('img', { name: 'drop.png' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove paste.png' }).click();
  await page.getByRole('button', { name: 'Send' }).click();
  const prompt = await server.prompt();
  expect(prompt.messages?.[0]?.content).toMatchObject([
    { type: 'image', source: { value: '/chat/api/uploads/up2' } },
  ]);
});

test('what cannot be sent is refused with the reason; a failed upload is tried again', async ({
  page,
}) => {
  await open(page);
  let fails = true;
  await answerApi(page, 'uploads', (route) =>
    fails
      ? route.fulfill({ status: 507, json: { fault: 'store.full', message: 'The disk is full.' } })
      : route.fulfill({
          status: 201,
          json: { id: 'u', url: '/chat/api/uploads/u', mimeType: 'image/png', bytes: 1 },
        }),
  );
  await answerApi(page, 'uploads/*', (route) =>
    route.fulfill({ contentType: 'image/png', body: PNG }),
  );
  await pick(page, 'notes.txt', 'text/plain');
  await expect(page.getByText(/notes\.txt is no image that can be sent/)).toBeVisible();
  await pick(page, 'a.png');
  await expect(page.getByRole('alert')).toContainText('a.png: The disk is full.');
  await box(page).fill('look');
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
  fails = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('img', { name: 'a.png' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
});

test('uploaded images outlive a reload, and come back with a refused prompt', async ({ page }) => {
  const { server } = await open(page);
  await takeUploads(page);
  await pick(page, 'a.png');
  await expect(page.getByRole('img', { name: 'a.png' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('img', { name: 'a.png' })).toBeVisible();
  await box(page).fill('look');
  await box(page).press('Enter');
  const prompt = await server.prompt();
  server.send({ type: 'reply', ref: prompt.runId, fault: 'queue.full' });
  await expect(box(page)).toHaveValue('look');
  await expect(page.locator('.composer img')).toHaveCount(1);
});

test('a command is completed by keyboard, and Enter does not send it half written', async ({
  page,
}) => {
  const { server } = await open(page);
  await box(page).pressSequentially('/');
  const list = page.getByRole('listbox', { name: 'Commands' });
  await expect(list.getByRole('option')).toHaveCount(2);
  await box(page).pressSequentially('rev');
  await expect(list.getByRole('option')).toHaveCount(1);
  await box(page).press('Enter');
  await expect(box(page)).toHaveValue('/review ');
  await expect(list).toHaveCount(0);
  expect(server.said.filter((said) => 'messages' in said)).toEqual([]);
  await box(page).fill('/com');
  await box(page).press('Escape');
  await expect(list).toHaveCount(0);
});

test('a file is completed after an @, by pointer too; a folder stays open', async ({ page }) => {
  await open(page);
  await answerApi(page, 'files/complete?*', (route, url) => {
    const q = url.searchParams.get('q') ?? '';
    const paths = q.startsWith('src/') ? ['src/main.ts'] : ['src/', 'readme.md'];
    return route.fulfill({ json: { paths } });
  });
  await box(page).pressSequentially('read @s');
  const option = (name: string) => page.getByRole('option', { name });
  await expect(option('readme.md')).toBeVisible();
  await box(page).press('ArrowDown');
  await expect(option('readme.md')).toHaveAttribute('aria-selected', 'true');
  await option('src/').click();
  await expect(box(page)).toHaveValue('read @src/');
  await option('src/main.ts').click();
  await expect(box(page)).toHaveValue('read @src/main.ts ');
});

test('model and effort are chosen from what is offered, and follow what the server says', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  const [model, effort] = [page.getByLabel('Model'), page.getByLabel('Effort')];
  await expect(model.locator('option')).toHaveText(['Opus 5.5', 'Haiku 4.5']);
  await effort.selectOption('high');
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'choose', effort: 'high' });
  server.send({ type: 'chosen', model: null, effort: 'high', repository: null });
  server.send({ type: 'reply', ref: String(server.said.at(-1)?.ref), fault: null });
  await expect(effort).toHaveValue('high');
  await model.selectOption('haiku');
  await expect(effort).toHaveCount(0);
  server.send({ type: 'reply', ref: String(server.said.at(-1)?.ref), fault: 'throttled' });
  await expect(model).toHaveValue('');
  await expect(page.getByText('A usage limit is reached.')).toBeVisible();
  trouble.expectClean();
});

test('a conversation begins on a repository, and says so', async ({ page }) => {
  const { server } = await open(page);
  await page.getByLabel('Start on a repository').fill('ada/engine');
  await page.getByRole('button', { name: 'Clone', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Cloning…' })).toBeVisible();
  const said = server.said.at(-1);
  expect(said).toMatchObject({ type: 'choose', repository: 'ada/engine' });
  server.send({ type: 'chosen', model: null, effort: null, repository: 'ada/engine' });
  server.send({ type: 'reply', ref: String(said?.ref), fault: null });
  await expect(page.getByText('Claude works in a clone of ada/engine.')).toBeVisible();
});

test('a queued prompt is sent now on demand; ↑ brings earlier prompts back', async ({ page }) => {
  const { server } = await open(page);
  server.keep(started('r1', [user('u:r1', 'the first')]));
  server.send({
    type: 'pending',
    items: [{ runId: 'q1', text: 'second', why: 'queued', position: 1 }],
  });
  await page.getByRole('button', { name: 'Send now' }).click();
  await expect.poll(() => server.said.at(-1)).toMatchObject({ type: 'sendNow', runId: 'q1' });
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('the first');
  await box(page).press('ArrowDown');
  await expect(box(page)).toHaveValue('');
});

test('a prompt is edited and sent again in a branch of the conversation', async ({ page }) => {
  const { server, trouble } = await open(page);
  server.keep(started('r1', [user('u:r1', 'Plan it')]), ...text('m1', 'Like so'), finished('r1'));
  const asked: unknown[] = [];
  await answerApi(page, 'conversations/thread-1/fork', (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ status: 201, json: { threadId: 'thread-2' } });
  });
  server.onHello = (it) => {
    it.greet();
    it.welcome({ threadId: 'thread-2', offers: OFFERS });
  };
  await page.locator('.user-message').hover();
  await page.getByRole('button', { name: 'Edit' }).click();
  const editor = page.getByRole('textbox', { name: 'Your message, to be sent anew' });
  await expect(editor).toBeFocused();
  await editor.fill('Plan it better');
  await editor.press('Enter');
  const prompt = await server.prompt();
  expect(asked).toEqual([{ before: 'r1' }]);
  expect(prompt).toMatchObject({
    threadId: 'thread-2',
    messages: [{ role: 'user', content: 'Plan it better' }],
  });
  await expect(page).toHaveURL(/#\/c\/thread-2$/);
  trouble.expectClean();
});

test('where a conversation parts from others, one can step through them', async ({ page }) => {
  const { server } = await open(page);
  const branch = (threadId: string, ownRunId: string) => ({
    ...{ threadId, runId: 'r1', ownRunId, title: 'T', createdAt: 1 },
  });
  await answerApi(page, 'conversations/*/branches', (route) =>
    route.fulfill({ json: { branches: [branch('thread-1', 'r1'), branch('thread-2', 'r9')] } }),
  );
  server.keep(started('r1', [user('u:r1', 'Plan it')]), ...text('m1', 'Like so'), finished('r1'));
  await expect(page.getByText('1 / 2')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Previous branch' })).toBeDisabled();
  await page.getByRole('button', { name: 'Next branch' }).click();
  await expect(page).toHaveURL(/#\/c\/thread-2$/);
});

test('a branch that cannot be made says why, and the words are still there', async ({ page }) => {
  const { server } = await open(page);
  server.keep(started('r1', [user('u:r1', 'Plan it')]), ...text('m1', 'Like so'), finished('r1'));
  await answerApi(page, 'conversations/thread-1/fork', (route) =>
    route.fulfill({ status: 409, json: { fault: 'x', message: 'That run is still going on.' } }),
  );
  await page.locator('.user-message').hover();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Ask again' }).click();
  await expect(page.getByRole('alert')).toHaveText('That run is still going on.');
  await page.keyboard.press('Escape');
  await expect(page.locator('.bubble')).toHaveText('Plan it');
});

const TOP: FolderView = {
  path: '',
  entries: [
    { name: 'src', kind: 'folder', bytes: 0, modifiedAt: 1_764_000_000_000 },
    {
      name: 'a_very_long_name_that_does_not_fit_'.repeat(3),
      kind: 'file',
      bytes: 12,
      modifiedAt: 1,
    },
    { name: 'link', kind: 'other', bytes: 0, modifiedAt: 1 },
    { name: 'notes.txt', kind: 'file', bytes: 3_400, modifiedAt: 1_764_000_000_000 },
    { name: 'plot.png', kind: 'file', bytes: 70, modifiedAt: 1_764_000_000_000 },
  ],
  truncated: false,
  usedBytes: 3_500_000,
  quotaBytes: 10_000_000,
};

async function giveFiles(page: Page) {
  const puts: { path: string | null; replaces: boolean }[] = [];
  await answerApi(page, 'files?*', (route, url) => {
    const path = url.searchParams.get('path') ?? '';
    return route.fulfill({ json: path === '' ? TOP : { ...TOP, path, entries: [] } });
  });
  await answerApi(page, 'files/content?*', (route, url) => {
    const path = url.searchParams.get('path');
    if (route.request().method() === 'PUT') {
      const replaces = route.request().headers()['if-none-match'] === undefined;
      puts.push({ path, replaces });
      return replaces
        ? route.fulfill({ status: 204 })
        : route.fulfill({ status: 412, json: { fault: 'file.exists', message: 'It is there.' } });
    }
    const isImage = path?.endsWith('.png');
    return route.fulfill(
      isImage
        ? { contentType: 'image/png', body: PNG }
        : { contentType: 'text/plain; charset=utf-8', body: 'Buy <b>milk</b>.' },
    );
  });
  return puts;
}

test('the files are listed, looked into, previewed and saved', async ({ page }) => {
  const { trouble } = await open(page);
  await giveFiles(page);
  await page.getByRole('button', { name: 'Files' }).click();
  const panel = page.getByRole('complementary', { name: 'Files' }).or(page.getByRole('dialog'));
  await expect(panel.getByText('3.3 MB of 9.5 MB used')).toBeVisible();
  await panel.getByRole('button', { name: /^notes\.txt/ }).click();
  await expect(panel.getByText('Buy <b>milk</b>.')).toBeVisible();
  await expect(panel.getByRole('link', { name: 'Download' })).toHaveAttribute(
    'href',
    `${ORIGIN}/chat/api/files/content?path=notes.txt&download=`,
  );
  await panel.getByRole('button', { name: 'Back' }).click();
  await panel.getByRole('button', { name: /^plot\.png/ }).click();
  await expect(panel.getByRole('img', { name: 'plot.png' })).toBeVisible();
  await panel.getByRole('button', { name: 'Back' }).click();
  await panel.getByRole('button', { name: /^src/ }).click();
  await expect(panel.getByText(/Nothing here yet/)).toBeVisible();
  await panel.getByRole('button', { name: 'Workspace' }).click();
  await expect(panel.getByRole('button', { name: /^link/ })).toBeDisabled();
  await panel.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('button', { name: 'Files' })).toBeFocused();
  trouble.expectClean();
});

test('a file that is there is replaced only when asked', async ({ page }) => {
  await open(page);
  const puts = await giveFiles(page);
  await page.getByRole('button', { name: 'Files' }).click();
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload' }).click();
  await (await chosen).setFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: PNG });
  await expect(page.getByText('notes.txt is there already.')).toBeVisible();
  await page.getByRole('button', { name: 'Replace it' }).click();
  await expect(page.getByText('notes.txt is there already.')).toHaveCount(0);
  expect(puts).toEqual([
    { path: 'notes.txt', replaces: false },
    { path: 'notes.txt', replaces: true },
  ]);
});

test('files that cannot be had say why, and are asked for again', async ({ page }) => {
  await open(page);
  await answerApi(page, 'files?*', (route) =>
    route.fulfill({ status: 503, json: { fault: 'store.unavailable', message: 'Not just now.' } }),
  );
  await page.getByRole('button', { name: 'Files' }).click();
  await expect(page.getByRole('alert')).toContainText('Not just now.');
  await giveFiles(page);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: /^notes\.txt/ })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, viewport] of [
    ['a desk', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const)
    test(`${colorScheme}, on ${name}: no barrier axe can find in any of these`, async ({
      page,
    }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { server, trouble } = await open(page);
      await takeUploads(page);
      await giveFiles(page);
      await pick(page, 'plan.png');
      await expect(page.getByRole('img', { name: 'plan.png' })).toBeVisible();
      await expectSound(page, `start-${colorScheme}-${name}`);
      await box(page).pressSequentially('/');
      await expect(page.getByRole('listbox')).toBeVisible();
      await expectSound(page, `completion-${colorScheme}-${name}`);
      await box(page).fill('');
      server.keep(started('r1', [user('u:r1', 'Plan it')]), ...text('m1', 'So'), finished('r1'));
      await page.locator('.user-message').hover();
      await page.getByRole('button', { name: 'Edit' }).click();
      await expect(page.getByRole('textbox', { name: /sent anew/ })).toBeVisible();
      await expectSound(page, `edit-${colorScheme}-${name}`);
      await page.getByRole('button', { name: 'Files' }).click();
      await expect(page.getByRole('button', { name: /^notes\.txt/ })).toBeVisible();
      await expectSound(page, `files-${colorScheme}-${name}`);
      await page.getByRole('button', { name: /^notes\.txt/ }).click();
      await expect(page.getByText('Buy <b>milk</b>.')).toBeVisible();
      await expectSound(page, `preview-${colorScheme}-${name}`);
      trouble.expectClean();
    });

/** Where `SCREENSHOTS` names a folder, what is seen is kept there to be looked at. */
async function expectSound(page: Page, name: string): Promise<void> {
  const dir = process.env.SCREENSHOTS;
  if (dir) await page.screenshot({ path: `${dir}/${name.replaceAll(' ', '-')}.png` });
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
}
