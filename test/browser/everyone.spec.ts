/** The page for people who come without a mouse, with larger text, other colours, another direction, or by ear. */
import { expect, type Page, test } from '@playwright/test';
import { asking, begun, kept, text, thinking, tool, turn } from '../../src/ui/dev/fixtures.ts';
import { expectAccessible, expectNoSidewaysScroll } from './support/accessible.ts';
import { boxTroubles } from './support/gallery.ts';
import { openChat as open } from './support/open-chat.ts';

const ANSWER = turn(
  'What does it do?',
  ...thinking('They want to know.'),
  ...tool('Read', { file_path: 'README.md' }, { result: '# Greenroom' }),
  ...text('It **streams**. See [the site](https://example.org).\n\n```ts\nconst a = 1;\n```'),
);
const QUESTION = begun('Run it', ...asking(['Bash', { command: 'make', description: 'Build' }]));

/** With an answer and a question that waits: about all that can have the focus. */
async function openWhole(page: Page) {
  const opened = await open(page);
  opened.server.send(...kept([...ANSWER, ...QUESTION]));
  await expect(page.getByRole('region', { name: 'Approval' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeAttached();
  return opened;
}

/** Numbers all that a Tab may reach, in the order of the document. */
function numberStops(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = 'a[href], button, summary, select, textarea, input, [tabindex="0"]';
    return [...document.querySelectorAll<HTMLElement>(all)]
      .filter((part) => part.tabIndex >= 0 && part.checkVisibility({ visibilityProperty: true }))
      .filter((part) => !(part as HTMLButtonElement).disabled)
      .map((part, index) => {
        part.dataset.stop = String(index);
        return `${index} ${part.outerHTML.slice(0, 80)}`;
      });
  });
}

/** Where the focus is, and what is wrong with how that is shown; null: it has left the page. */
function focusNow(page: Page): Promise<{ stop: number; troubles: string[] } | null> {
  return page.evaluate(() => {
    const part = document.activeElement as HTMLElement | null;
    if (part === null || part === document.body) return null;
    const troubles: string[] = [];
    // The composer shows it around the whole box.
    const shown = [part, part.closest('.composer, .search')].some((box) => {
      if (!box) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(box);
      const isRinged = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      return isRinged || (box !== part && boxShadow !== 'none');
    });
    if (!shown) troubles.push('no ring');
    const { top, bottom, left, right, width, height } = part.getBoundingClientRect();
    if (bottom <= 0 || top >= innerHeight || right <= 0 || left >= innerWidth)
      troubles.push('out of sight');
    if (width < 2 || height < 2) troubles.push('no size');
    return { stop: Number(part.dataset.stop ?? -1), troubles };
  });
}

for (const [name, viewport] of [
  ['a desk', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const)
  test(`by keyboard, on ${name}: everything is reached once, in order, and seen`, async ({
    page,
  }) => {
    await page.setViewportSize(viewport);
    await openWhole(page);
    const stops = await numberStops(page);
    const reached = [0];
    const troubles: string[] = [];
    await page.evaluate(() => document.querySelector<HTMLElement>('[data-stop="0"]')?.focus());
    while (reached.length <= stops.length) {
      await page.keyboard.press('Tab');
      const now = await focusNow(page);
      if (now === null || now.stop === 0) break;
      // The way back to the end comes and goes as the page scrolls with the focus: it was there to be counted or not.
      if (now.stop >= 0) reached.push(now.stop);
      troubles.push(...now.troubles.map((what) => `${what}: ${stops[now.stop]}`));
    }
    expect(troubles).toEqual([]);
    expect(reached.map((at) => stops[at])).toEqual(stops);
  });

test.describe('at 200 %', () => {
  test.use({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  test('the whole page enlarged still has room to read and to write', async ({ page }) => {
    await openWhole(page);
    await expectNoSidewaysScroll(page);
    expect(await boxTroubles(page, false)).toEqual([]);
    await expect(page.locator('#composer-text')).toBeInViewport({ ratio: 1 });
    expect((await page.locator('.scroller').boundingBox())?.height).toBeGreaterThan(150);
    await expectAccessible(page);
  });
});

for (const [name, viewport] of [
  ['a desk', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const)
  test(`text alone at 200 %, on ${name}: nothing is cut off or over something else`, async ({
    page,
  }) => {
    await page.setViewportSize(viewport);
    await openWhole(page);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    await expectNoSidewaysScroll(page);
    expect(await boxTroubles(page, false)).toEqual([]);
    await expect(page.locator('#composer-text')).toBeInViewport();
    await page.screenshot({ path: `test-results/gallery/text-200-${viewport.width}.png` });
  });

test('who asks for less motion sees none, while an answer is written and one waits', async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const { server } = await open(page);
  server.send(...kept(begun('Go', ...text('Here it', true))));
  await expect(page.getByText('Writing')).toBeVisible();
  const moving = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .map(({ effect }) => (effect as KeyframeEffect).target?.outerHTML.slice(0, 80)),
    );
  expect(await moving()).toEqual([]);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect.poll(async () => (await moving()).length).toBeGreaterThan(0);
});

test('in the user’s own colours the state of things is still seen', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const { server } = await open(page);
  server.send(...kept(begun('Go', ...text('Here it', true))));
  await expect(page.getByText('Writing')).toBeVisible();
  const spots = await page.locator('.dot, .pulse').evaluateAll((all) =>
    all.map((spot) => {
      const { backgroundColor } = getComputedStyle(spot);
      return backgroundColor === getComputedStyle(document.body).backgroundColor;
    }),
  );
  expect(spots).toEqual([false, false]);
  await page.screenshot({ path: 'test-results/gallery/forced-colors.png' });
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`who asks for more contrast has 7 : 1 for what is said, ${colorScheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme, contrast: 'more' });
    await openWhole(page);
    const { soft, ink } = await page.evaluate(() => {
      const root = getComputedStyle(document.documentElement);
      return { soft: root.getPropertyValue('--ink-soft'), ink: root.getPropertyValue('--ink') };
    });
    expect(soft).toBe(ink);
    await expectAccessible(page);
  });

const HEBREW = 'מה עושה הפרויקט הזה?';
const ARABIC = 'هذا الخادم يعرض كل كلمة عند وصولها';

test('words go in their own direction, whatever that of the page', async ({ page }) => {
  const { server } = await open(page);
  server.send(...kept(turn(HEBREW, ...text(`# ${ARABIC}\n\n${ARABIC}\n\nEnglish`))));
  await expect(page.locator('.bubble')).toHaveCSS('direction', 'rtl');
  /** Whether the words of a block stand at its right end. */
  const isRight = (block: Element) => {
    const words = document.createRange();
    words.selectNodeContents(block);
    const [all, box] = [words.getBoundingClientRect(), block.getBoundingClientRect()];
    return box.right - all.right < all.left - box.left;
  };
  const blocks = page.locator('.markdown').locator('h3, p');
  await expect(blocks).toHaveCount(3);
  const right = await Promise.all((await blocks.all()).map((block) => block.evaluate(isRight)));
  expect(right).toEqual([true, true, false]);
});

for (const [name, viewport] of [
  ['a desk', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const)
  test(`a page from right to left, on ${name}, is the same page in a mirror`, async ({ page }) => {
    await page.setViewportSize(viewport);
    const { server } = await openWhole(page);
    await page.evaluate(() => {
      document.documentElement.dir = 'rtl';
    });
    server.send(...kept(turn(HEBREW, ...text(ARABIC))));
    const bubble = page.locator('.bubble', { hasText: HEBREW });
    await expect(bubble).toBeVisible();
    await expectNoSidewaysScroll(page);
    expect(await boxTroubles(page, false)).toEqual([]);
    const [box, brand] = [await bubble.boundingBox(), await page.locator('.brand').boundingBox()];
    expect(box!.x).toBeLessThan(viewport.width / 2);
    expect(brand!.x).toBeGreaterThan(viewport.width / 3);
    // Code is code in every page.
    await expect(page.locator('.code pre').first()).toHaveCSS('direction', 'ltr');
    await page.screenshot({ path: `test-results/gallery/rtl-${viewport.width}.png` });
  });

test('by ear: landmarks, headings and the names of what can be done', async ({ page }) => {
  await openWhole(page);
  await expect(page.locator('.page')).toMatchAriaSnapshot(`
    - banner:
      - heading "Greenroom" [level=1]
      - status: Live
      - navigation "Chat"
    - main:
      - feed "Conversation":
        - article:
          - heading "You said" [level=2]
          - text: What does it do?
          - heading "Claude said" [level=2]
        - article:
          - heading "You said" [level=2]
          - text: Run it
          - region "Approval"
    - region "Your message":
      - textbox "Message to Claude"
  `);
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], input, select, textarea')]
      .filter((part) => {
        const labels = (part as HTMLInputElement).labels?.length ?? 0;
        const said = `${part.textContent?.trim()}${part.getAttribute('aria-label') ?? ''}`;
        return said === '' && labels === 0 && part.getAttribute('aria-hidden') !== 'true';
      })
      .map((part) => part.outerHTML),
  );
  expect(nameless).toEqual([]);
});
