import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export async function expectAccessible(page: Page): Promise<void> {
  // The policy of the page forbids scripts from elsewhere; axe is put in by the browser's own tools.
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => {
    const boxes = [document.documentElement, ...document.querySelectorAll('.scroller, .dock')];
    return boxes
      .filter((box) => box.scrollWidth > box.clientWidth)
      .flatMap((box) => {
        const parts = [...box.querySelectorAll('*')].filter(
          (part) =>
            part.getBoundingClientRect().right > innerWidth && !part.matches('pre *, .table *'),
        );
        return [
          `${box.className} is too wide:`,
          ...parts.map((part) => part.outerHTML.slice(0, 80)),
        ];
      });
  });
  expect(overflow).toEqual([]);
}
