import { build } from 'vite';

/** Builds the page once before all browser tests, so that they look at what ships. */
export default async function buildPage(): Promise<void> {
  await build({ configFile: 'vite.config.ts', logLevel: 'error' });
}
