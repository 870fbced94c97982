/** The message box: what is written offline, quotes, dictation, touch, and tabs. */
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { openChat as open } from './support/open-chat.ts';
import { finished, ORIGIN, ScriptedServer, started, text } from './support/scripted-server.ts';

const user = (id: string, content: string) => ({ id, role: 'user' as const, content });
const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });
const prompts = (server: ScriptedServer) => server.said.filter((said) => 'messages' in said);

const ANSWER = 'Say it again:\n\n```js\nif (a)\n  b();\n```\n';

function answer(server: ScriptedServer) {
  server.keep(started('r1', [user('u:r1', 'Hi')]), ...text('m1', ANSWER), finished('r1'));
}

/** Selects all of an element, as a drag of the mouse would. */
async function select(page: Page, selector: string) {
  await page.locator(selector).first().waitFor();
  await page.evaluate((it) => {
    (document.activeElement as HTMLElement | null)?.blur();
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(it)!);
    document.getSelection()?.removeAllRanges();
    document.getSelection()?.addRange(range);
  }, selector);
}

test('[R7] prompts written while the line is down outlive a reload, and are sent once, in order', async ({
  page,
}) => {
  const { server } = await open(page);
  await box(page).fill('zero');
  await box(page).press('Enter');
  server.accept(await server.prompt());
  server.onHello = () => {};
  await server.sockets.at(-1)?.close({ code: 1006 });
  for (const words of ['one', 'two', 'three']) {
    await box(page).fill(words);
    await box(page).press('Enter');
  }
  await expect(page.getByText('Will be sent when the connection is back')).toHaveCount(3);
  await page.getByRole('button', { name: 'Take back' }).nth(1).click();
  await expect(box(page)).toHaveValue('two');
  server.onHello = (it) => it.greet();
  await page.reload();
  await expect.poll(() => prompts(server).length).toBe(3);
  expect(prompts(server).map(({ messages }) => messages?.[0]?.content)).toEqual([
    'zero',
    'one',
    'three',
  ]);
  await expect(box(page)).toHaveValue('two');
});

test('[R7] what is refused goes back to its own conversation, not to the one on screen', async ({
  page,
}) => {
  const { server } = await open(page);
  server.onHello = (it, hello) => {
    it.greet();
    it.welcome({ threadId: String(hello.threadId) });
  };
  await page.goto(`${ORIGIN}/chat/#/c/thread-a`);
  await box(page).fill('for a');
  await box(page).press('Enter');
  const { runId } = await server.prompt();
  await page.goto(`${ORIGIN}/chat/#/c/thread-b`);
  await box(page).fill('for b');
  server.send({ type: 'reply', ref: runId, fault: 'queue.full' });
  await expect(page.getByText('It is back in the message box there.')).toBeVisible();
  await expect(box(page)).toHaveValue('for b');
  await page.goto(`${ORIGIN}/chat/#/c/thread-a`);
  await expect(box(page)).toHaveValue('for a');
});

test('what is selected is quoted by the button beside it, by Tab to it, and by the shortcut', async ({
  page,
}) => {
  const { server, trouble } = await open(page);
  answer(server);
  await box(page).fill('Why?');
  await select(page, '.item p');
  await page.getByRole('button', { name: 'Quote' }).click();
  await expect(box(page)).toHaveValue('Why?\n\n> Say it again:\n\n');
  await expect(box(page)).toBeFocused();
  await expect(page.getByRole('button', { name: 'Quote' })).toHaveCount(0);

  await box(page).fill('');
  await select(page, '.item pre code');
  await expect(page.getByRole('button', { name: 'Quote' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Quote' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(box(page)).toHaveValue('> ```\n> if (a)\n>   b();\n> ```\n\n');

  await box(page).fill('');
  await select(page, '.item p');
  await expect(page.getByRole('button', { name: 'Quote' })).toBeVisible();
  await page.keyboard.press('Control+Shift+Digit9');
  await expect(box(page)).toHaveValue('> Say it again:\n\n');
  expect(prompts(server)).toEqual([]);
  trouble.expectClean();
});

/** A stand-in for the browser's recognition, which a test cannot speak to; `window.recognition` is the last one. */
async function fakeRecognition(page: Page) {
  await page.addInitScript(() => {
    class Fake {
      onstart?: () => void;
      onend?: () => void;
      constructor() {
        Object.assign(window, { recognition: this });
      }
      start() {
        this.onstart?.();
      }
      stop() {
        this.onend?.();
      }
      abort() {}
    }
    Object.assign(window, { SpeechRecognition: Fake });
  });
  const recognition = (event: 'onresult' | 'onerror', value: unknown) =>
    page.evaluate(
      ([name, it]) => {
        const { recognition: last } = window as unknown as {
          recognition: Record<string, (value: unknown) => void>;
        };
        last[name]?.(it);
      },
      [event, value] as const,
    );
  return {
    hear: (...parts: string[]) =>
      recognition('onresult', { results: parts.map((transcript) => [{ transcript }]) }),
    fail: (error: string) => recognition('onerror', { error }),
  };
}

test('dictation writes into the box, says what it does, never sends, and ends with Escape', async ({
  page,
}) => {
  const speech = await fakeRecognition(page);
  const { server, trouble } = await open(page);
  await page.getByRole('button', { name: 'Dictate' }).click();
  await expect(page.getByText('Listening… Escape stops')).toBeVisible();
  await speech.hear('wreck a nice');
  await speech.hear('recognise', ' speech');
  await expect(box(page)).toHaveValue('recognise speech');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Dictate' })).toBeVisible();
  await expect(box(page)).toHaveValue('recognise speech');
  await page.getByRole('button', { name: 'Dictate' }).click();
  await speech.fail('not-allowed');
  await expect(page.getByText('The microphone is not allowed')).toBeVisible();
  expect(prompts(server)).toEqual([]);
  trouble.expectClean();
});

test('two Enters, or a double click on Send, send once', async ({ page }) => {
  const { server } = await open(page);
  await box(page).fill('once');
  await page.getByRole('button', { name: 'Send' }).dblclick();
  await box(page).fill('again');
  await page.evaluate(() => {
    const target = document.getElementById('composer-text');
    for (let i = 0; i < 2; i += 1)
      target?.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }),
      );
  });
  await expect.poll(() => prompts(server).length).toBe(2);
  await expect(page.locator('.bubble')).toHaveText(['once', 'again']);
  expect(prompts(server)).toHaveLength(2);
});

test('two tabs of a conversation hold one draft', async ({ page, context }) => {
  await open(page, '/chat/#/c/thread-1');
  const other = await context.newPage();
  await open(other, '/chat/#/c/thread-1');
  await box(page).fill('from the first');
  await expect(box(other)).toHaveValue('from the first');
  await box(other).press('End');
  await box(other).pressSequentially(', and the second');
  await expect(box(page)).toHaveValue('from the first, and the second');
});

test('a file that is no image is not opened when dropped: the page says why', async ({ page }) => {
  const { trouble } = await open(page);
  await page.locator('.composer > .hidden[role="status"]').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'notes.txt', { type: 'text/plain' }));
    dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true, bubbles: true }));
  });
  await expect(page.getByText('Files cannot be added here')).toBeVisible();
  trouble.expectClean();
});

test('the editor of a prompt gives the focus back to its button', async ({ page }) => {
  const { server } = await open(page);
  answer(server);
  await page.getByRole('button', { name: 'Edit' }).press('Enter');
  await expect(page.getByRole('textbox', { name: /sent anew/ })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Edit' })).toBeFocused();
});

test('all of it is in German for who reads German', async ({ browser }) => {
  const page = await browser.newPage({ locale: 'de-DE' });
  const server = await ScriptedServer.start(page);
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.getByRole('textbox', { name: 'Nachricht an Claude' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Senden' })).toBeAttached();
  expect(server.said).not.toEqual([]);
  await page.close();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('Enter breaks the line, a button sends, and a long draft grows to a bound', async ({
    page,
  }) => {
    const { server } = await open(page);
    await box(page).pressSequentially('one');
    await box(page).press('Enter');
    await box(page).pressSequentially('two');
    await expect(box(page)).toHaveValue('one\ntwo');
    await box(page).fill('line\n'.repeat(80));
    const size = await box(page).evaluate((it) => [it.clientHeight, it.scrollHeight]);
    expect(size[0]).toBeLessThan(340);
    expect(size[1]).toBeGreaterThan(1000);
    await expectNoSidewaysScroll(page);
    expect(prompts(server)).toEqual([]);
    await page.getByRole('button', { name: 'Send' }).tap();
    await server.prompt();
  });
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 390])
    test(`${colorScheme}, ${width} px wide: a quote and dictation have no barrier axe can find`, async ({
      page,
    }) => {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await fakeRecognition(page);
      const { server, trouble } = await open(page);
      answer(server);
      await page.getByRole('button', { name: 'Dictate' }).click();
      await expect(page.getByText('Listening…')).toBeVisible();
      await select(page, '.item p');
      await expect(page.getByRole('button', { name: 'Quote' })).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.screenshot({ path: `test-results/writing-${colorScheme}-${width}.png` });
      trouble.expectClean();
    });
