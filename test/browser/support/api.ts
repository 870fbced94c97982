import type { Page, Route } from '@playwright/test';
import { ORIGIN } from './scripted-server.ts';

/** Answers the page's own requests to `api/…`; the last one given for a path counts. Start the server before. */
export async function answerApi(
  page: Page,
  path: string,
  answer: (route: Route, url: URL) => Promise<void>,
): Promise<void> {
  await page.route(`${ORIGIN}/chat/api/${path}`, (route) =>
    answer(route, new URL(route.request().url())),
  );
}

/** The smallest PNG there is: one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
