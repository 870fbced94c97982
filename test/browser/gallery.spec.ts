/** Every component in every state: looked at by rules, and kept as pictures in test-results/gallery for eyes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import {
  boxTroubles,
  buildGallery,
  openSection,
  sectionsOf,
  serveGallery,
} from './support/gallery.ts';
import { RealServer } from './support/real-server.ts';
import { ORIGIN } from './support/scripted-server.ts';
import { watchForTrouble } from './support/watch.ts';

const PICTURES = 'test-results/gallery';
const SIZES = [
  ['desk', { width: 1280, height: 800 }],
  ['phone', { width: 390, height: 844 }],
] as const;

test.beforeAll(buildGallery);

/** The same part stands there many times: its name cannot be unique. */
async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).disableRules(['landmark-unique']).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** As high as all of it, so that one picture shows all. */
async function picture(page: Page, name: string, width: number): Promise<void> {
  const height = await page.locator('.gallery').evaluate((it) => it.scrollHeight);
  await page.setViewportSize({ width, height: Math.min(12_000, height) });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const [device, viewport] of SIZES)
    test.describe(`${colorScheme}, on a ${device}`, () => {
      test.use({ colorScheme, viewport, hasTouch: device === 'phone' });
      test('every state is without barriers that axe finds, nothing is cut off, too wide or too small', async ({
        page,
      }) => {
        test.setTimeout(480_000);
        const trouble = await watchForTrouble(page);
        await serveGallery(page);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const sections = await sectionsOf(page);
        expect(sections.length).toBeGreaterThan(15);
        for (const id of sections)
          await test.step(id, async () => {
            await page.setViewportSize(viewport);
            await openSection(page, id);
            const boxes = await boxTroubles(page, device === 'phone');
            expect.soft(boxes, `boxes of ${id}`).toEqual([]);
            expect.soft(await violations(page), `axe on ${id}`).toEqual([]);
            await picture(page, `${id}-${colorScheme}-${device}`, viewport.width);
          });
        trouble.expectClean();
      });
    });

test('dialogs open over the page, in both themes, and give the focus back', async ({ page }) => {
  test.setTimeout(480_000);
  await serveGallery(page);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [device, viewport] of SIZES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      await openSection(page, 'account');
      for (const state of ['Devices', 'Sign out with unsent words', 'Sign out everywhere']) {
        const button = page
          .locator(`[data-state="${state}"]`)
          .getByRole('button', { name: 'Open' });
        await button.click();
        await expect(page.getByRole('dialog')).toBeVisible();
        expect.soft(await violations(page), `${state}, ${colorScheme}`).toEqual([]);
        await page.screenshot({ path: join(PICTURES, `${state}-${colorScheme}-${device}.png`) });
        await page.keyboard.press('Escape');
        await expect(button).toBeFocused();
      }
    }
});

test('a section is found by its name in the address', async ({ page }) => {
  await serveGallery(page);
  const all = await sectionsOf(page);
  await page.goto(`${ORIGIN}/chat/dev/components#limits`);
  await expect(page.locator('#limits > h2')).toBeAttached();
  await expect(page.locator('.gallery-section')).toHaveCount(all.length);
});

test('what ships has no trace of the page, and the server does not know it', async ({ page }) => {
  const shipped = readdirSync('dist/ui', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(shipped.length).toBeGreaterThan(3);
  const traces = shipped.filter(
    (file) => /gallery|components/.test(file) || /gallery-state/.test(readFileSync(file, 'latin1')),
  );
  expect(traces).toEqual([]);
  const server = await RealServer.start();
  try {
    await page.goto(server.signInUrl);
    for (const path of ['dev/components', 'dev/components.html', 'dev/', 'src/ui/dev/gallery.css'])
      expect((await page.request.get(`${server.origin}/chat/${path}`)).status()).toBe(404);
  } finally {
    await server.stop();
  }
});
