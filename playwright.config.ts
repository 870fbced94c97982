import { defineConfig } from '@playwright/test';
import { CHROMIUM } from './test/browser/support/chromium.ts';

/** Real Chromium, two files of tests at a time, no second chances: a test that passes on a retry has failed. */
export default defineConfig({
  testDir: 'test/browser',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/browser/support/build.ts',
  outputDir: 'test-results',
  workers: 2,
  retries: 0,
  // Far more than any needs: a slow machine is no fault of the page.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    headless: true,
    // Its own tests let it in; a worker that keeps files would answer for the servers of the others.
    serviceWorkers: 'block',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
