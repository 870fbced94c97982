/** How smoothly a page runs, as its user would notice it. */
import type { Page } from '@playwright/test';

interface Watched {
  longTasks: number[];
  keydowns: number[];
  gaps: number[];
  stop: () => void;
}

/** Begins to note frames, long tasks and keys. */
export async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Watched = { longTasks: [], keydowns: [], gaps: [], stop: () => {} };
    const tasks = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longTasks.push(duration);
    });
    tasks.observe({ type: 'longtask' });
    const keys = new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries())
        if (name === 'keydown') seen.keydowns.push(duration);
    });
    keys.observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    let last = performance.now();
    let isOn = true;
    const tick = (now: number) => {
      seen.gaps.push(now - last);
      last = now;
      if (isOn) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    seen.stop = () => {
      isOn = false;
      tasks.disconnect();
      keys.disconnect();
    };
    Object.assign(window, { seen });
  });
}

/** Ends it. @returns Milliseconds, percent and megabytes. */
export async function watched(page: Page) {
  const { longTasks, keydowns, gaps, heap } = await page.evaluate(() => {
    const { seen } = window as unknown as { seen: Watched };
    seen.stop();
    const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
    return { ...seen, stop: undefined, heap: memory.usedJSHeapSize };
  });
  // A frame is 16.7 ms; a gap of n frames dropped n - 1 of them.
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / 16.7) - 1), 0);
  return {
    longTasks: longTasks.filter((ms) => ms > 50).length,
    longest: Math.round(Math.max(0, ...longTasks)),
    droppedPercent: Number(((100 * dropped) / (dropped + gaps.length)).toFixed(1)),
    keydown: keydowns.sort((a, b) => a - b)[Math.floor(keydowns.length * 0.95)] ?? 0,
    heap: Number((heap / 1e6).toFixed(1)),
  };
}
