import { expect, type Page } from '@playwright/test';

/** Said by Playwright itself, where a test has no use for the service worker. */
const WORKER_BLOCKED = 'Service Worker registration blocked by Playwright';

/**
 * Collects all that must not happen on a page: uncaught errors, console errors and warnings, violations of the
 * content policy, and requests that leave the page's own origin. `expectClean` fails with the whole list.
 */
export async function watchForTrouble(page: Page, allowed: RegExp[] = []) {
  const trouble: string[] = [];
  await page.exposeFunction('reportViolation', (text: string) => trouble.push(`csp: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (window as unknown as { reportViolation: (text: string) => void })
        .reportViolation;
      report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  page.on('pageerror', (error) => trouble.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.text() === WORKER_BLOCKED) return;
    if (message.type() === 'error' || message.type() === 'warning')
      trouble.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    const own = page.url() === 'about:blank' ? origin : new URL(page.url()).origin;
    if (origin !== own && origin !== 'null') trouble.push(`foreign request: ${request.url()}`);
  });
  return {
    seen: () => trouble,
    expectClean: () =>
      expect(trouble.filter((line) => !allowed.some((pattern) => pattern.test(line)))).toEqual([]),
  };
}
