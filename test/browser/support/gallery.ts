import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { build } from 'vite';
import { CSP, ORIGIN } from './scripted-server.ts';

const DIR = 'dist/gallery';
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Builds the page as developers have it, beside the one that ships. */
export async function buildGallery(): Promise<void> {
  await build({
    configFile: 'vite.config.ts',
    mode: 'dev',
    logLevel: 'error',
    build: { outDir: `../../${DIR}` },
  });
}

/** Serves that build, under the policy that the real server sends with every page. */
export async function serveGallery(page: Page): Promise<void> {
  await page.route(`${ORIGIN}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^\/chat\//, '');
    const file = path === 'dev/components' ? `${path}.html` : path;
    const body = await readFile(join(DIR, file)).catch(() => null);
    if (body === null) return route.fulfill({ status: 404 });
    await route.fulfill({
      body,
      contentType: TYPES[extname(file)] ?? 'application/octet-stream',
      headers: { 'Content-Security-Policy': CSP },
    });
  });
}

/** The ids of all sections. */
export async function sectionsOf(page: Page): Promise<string[]> {
  await page.goto(`${ORIGIN}/chat/dev/components?section=`);
  const places = page.getByRole('navigation', { name: 'Sections' }).getByRole('link');
  await expect(places.first()).toBeVisible();
  return places.evaluateAll((links) =>
    links.map(
      (link) => new URL((link as HTMLAnchorElement).href).searchParams.get('section') ?? '',
    ),
  );
}

/** One section, with all that folds open, and what comes late there. */
export async function openSection(page: Page, id: string): Promise<void> {
  await page.goto(`${ORIGIN}/chat/dev/components?section=${id}`);
  await expect(page.locator(`#${id} .gallery-state`).first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
  await page.waitForLoadState('networkidle');
}

/** What a careful eye would find wrong with the boxes of a page, by its parts; empty: nothing. */
export function boxTroubles(page: Page, isTouched: boolean): Promise<string[]> {
  return page.evaluate((touched) => {
    const troubles: string[] = [];
    const name = (part: Element) => part.outerHTML.replace(/\s+/g, ' ').slice(0, 110);
    const isShown = (part: Element) =>
      part.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      !part.closest('.hidden, .skip');
    const parts = [...document.querySelectorAll('.gallery *, .shell *')].filter(isShown);

    const wide = document.querySelector('.gallery, .scroller');
    if (wide && wide.scrollWidth > wide.clientWidth)
      for (const part of parts)
        if (part.getBoundingClientRect().right > innerWidth + 1 && !part.matches('pre *, .table *'))
          troubles.push(`wider than the page: ${name(part)}`);

    for (const part of parts) {
      const { overflowX, textOverflow, display } = getComputedStyle(part);
      const hides = overflowX === 'hidden' || overflowX === 'clip';
      if (!hides || textOverflow === 'ellipsis' || display.includes('-webkit-box')) continue;
      if (part.closest('svg') || part.clientWidth === 0) continue;
      if (part.scrollWidth > part.clientWidth + 1) troubles.push(`cut off: ${name(part)}`);
    }

    const controls = parts.filter((part) =>
      part.matches('button, a[href], summary, select, input, textarea'),
    );
    /** As far as it is not scrolled away. */
    const seen = (part: Element) => {
      const box = part.getBoundingClientRect();
      const within = part.closest('.scroller')?.getBoundingClientRect();
      if (!within) return box;
      const top = Math.max(box.top, within.top);
      const height = Math.min(box.bottom, within.bottom) - top;
      return new DOMRect(box.left, top, box.width, Math.max(0, height));
    };
    const boxes = controls.map((part) => ({ part, box: seen(part) }));
    boxes.forEach((one, index) => {
      for (const other of boxes.slice(index + 1)) {
        if (one.part.contains(other.part) || other.part.contains(one.part)) continue;
        const x = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const y = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (x > 2 && y > 2)
          troubles.push(`over each other: ${name(one.part)} and ${name(other.part)}`);
      }
    });

    // A link within a sentence may be as high as its line, and a box of a form is touched by its label.
    const inline = 'p a, li a, td a, .markdown a';
    if (touched)
      for (const { part, box } of boxes) {
        const target = part.matches('input[type=checkbox], input[type=radio]')
          ? (part.closest('label')?.getBoundingClientRect() ?? box)
          : box;
        if (part.matches('.composer textarea')) continue; // grows, and stands alone on its line
        if (part.matches('.note-ref, .note-back')) continue; // in a sentence, as links are
        const more = -2 * Number.parseFloat(getComputedStyle(part, '::before').top) || 0;
        if (
          target.height + more < 43.5 &&
          !(part.matches(inline) && getComputedStyle(part).display === 'inline')
        )
          troubles.push(`${Math.round(target.height)} px high: ${name(part)}`);
      }
    return [...new Set(troubles)];
  }, isTouched);
}
