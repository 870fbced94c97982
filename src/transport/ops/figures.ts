/** How this process is, measured only while somebody looks. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Figures, OpsServerFrame } from './protocol.ts';

const LOOK_MS = 1_000;

type OfServer = Omit<Figures, 'at' | 'residentBytes' | 'heapBytes' | 'loopDelayMs' | 'cpu'>;

export class FiguresFeed {
  readonly #read: () => OfServer;
  readonly #audience = new Set<(frame: OpsServerFrame) => void>();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  #timer: NodeJS.Timeout | null = null;
  #usage = process.cpuUsage();
  #at = performance.now();

  constructor(read: () => OfServer) {
    this.#read = read;
  }

  /** @returns The end of it. */
  join(tell: (frame: OpsServerFrame) => void): () => void {
    this.#audience.add(tell);
    if (this.#timer === null) {
      this.#delay.enable();
      this.#timer = setInterval(() => this.#tell(), LOOK_MS).unref();
      this.#look(); // from here on is measured
    }
    tell({ type: 'figures', figures: this.#look() });
    return () => {
      this.#audience.delete(tell);
      if (this.#audience.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.#delay.disable();
    };
  }

  #tell(): void {
    const frame = { type: 'figures' as const, figures: this.#look() };
    for (const tell of this.#audience) tell(frame);
  }

  #look(): Figures {
    const { user, system } = process.cpuUsage(this.#usage);
    this.#usage = process.cpuUsage();
    const now = performance.now();
    const passedMs = Math.max(1, now - this.#at);
    this.#at = now;
    const late = this.#delay.percentile(99) / 1e6 - 10; // it counts its own 10 ms
    this.#delay.reset();
    const { rss, heapUsed } = process.memoryUsage();
    return {
      at: Date.now(),
      ...this.#read(),
      residentBytes: rss,
      heapBytes: heapUsed,
      loopDelayMs: Number.isFinite(late) ? Math.max(0, Math.round(late * 10) / 10) : 0,
      cpu: Math.round((user + system) / passedMs / 10) / 100,
    };
  }
}
