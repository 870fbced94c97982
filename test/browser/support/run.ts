/** Runs the browser tests, or says why not: a machine without Chromium skips them by name, CI never does. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { CHROMIUM } from './chromium.ts';

function isInstalled(): boolean {
  try {
    accessSync(CHROMIUM, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (isInstalled()) {
  const { status } = spawnSync('playwright', ['test', ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.log(
    `skipped: the browser tests (no Chromium at ${CHROMIUM}; CHROMIUM_PATH names another)`,
  );
  process.exitCode = process.env.CI === 'true' ? 1 : 0;
}
