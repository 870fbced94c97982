import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { ORIGIN, ScriptedServer } from './support/scripted-server.ts';

const MAX_GZIP_BYTES = 130_000;

test('[P8] all scripts of an opened page, its sidebar too, are at most 130 KB gzip', async ({
  page,
}) => {
  const scripts: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.body());
  });
  await ScriptedServer.start(page);
  await page.goto(`${ORIGIN}/chat/`);
  await expect(page.getByRole('searchbox', { name: 'Search conversations' })).toBeVisible();
  await page.waitForLoadState('networkidle'); // the parts of the message box come last
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).byteLength);
  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_GZIP_BYTES);
});
