/** How long a frame takes from the socket to the screen, as the page itself can tell. */
import type { Page } from '@playwright/test';
import { quantile } from './statistics.ts';

interface Paints {
  /** When the first frame came that is not shown yet, ms; 0: all are. */
  cameAt: number;
  /** From then until the thread changed, and until that was painted, ms. */
  readonly changed: number[];
  readonly painted: number[];
}

/** To be called before the page opens: from now on it is noted when frames come. */
export async function hearFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const paints: Paints = { cameAt: 0, changed: [], painted: [] };
    Object.assign(window, { paints });
    window.WebSocket = class extends WebSocket {
      constructor(...parts: ConstructorParameters<typeof WebSocket>) {
        super(...parts);
        this.addEventListener('message', () => {
          paints.cameAt ||= performance.now();
        });
      }
    };
  });
}

/** Begins to note when the thread changes, and when that is on the screen. */
export function watchPaints(page: Page): Promise<void> {
  return page.locator('.scroller').evaluate((thread) => {
    const { paints } = window as unknown as { paints: Paints };
    paints.cameAt = 0;
    // A message to oneself is taken after the paint of the frame in which it was posted.
    const { port1, port2 } = new MessageChannel();
    const waiting: number[] = [];
    port2.onmessage = () => {
      for (const cameAt of waiting.splice(0)) paints.painted.push(performance.now() - cameAt);
    };
    new MutationObserver(() => {
      if (paints.cameAt === 0) return;
      paints.changed.push(performance.now() - paints.cameAt);
      waiting.push(paints.cameAt);
      paints.cameAt = 0;
      port1.postMessage(null);
    }).observe(thread, { subtree: true, childList: true, characterData: true });
  });
}

/** @returns Milliseconds. */
export async function paintDelays(page: Page) {
  const { changed, painted } = await page.evaluate(
    () => (window as unknown as { paints: Paints }).paints,
  );
  const rounded = (values: number[], share: number) => Number(quantile(values, share).toFixed(1));
  return {
    changed: rounded(changed, 0.5),
    painted: rounded(painted, 0.5),
    paintedP95: rounded(painted, 0.95),
  };
}
