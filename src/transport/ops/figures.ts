/** How this process is, measured only while somebody looks. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Audience, type Tell } from './audience.ts';
import type { Figures } from './protocol.ts';

const LOOK_MS = 1_000;

type OfServer = Omit<Figures, 'at' | 'residentBytes' | 'heapBytes' | 'loopDelayMs' | 'cpu'>;

export class FiguresFeed {
  readonly #read: () => OfServer;
  readonly #audience = new Audience({
    everyMs: LOOK_MS,
    beat: () => this.#audience.tell({ type: 'figures', figures: this.#look() }),
    onEmpty: () => this.#delay.disable(),
  });
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  #usage = process.cpuUsage();
  #at = performance.now();

  constructor(read: () => OfServer) {
    this.#read = read;
  }

  /** @returns The end of it. */
  join(tell: Tell): () => void {
    if (this.#audience.isEmpty) {
      this.#delay.enable();
      this.#look(); // from here on is measured
    }
    const leave = this.#audience.join(tell);
    tell({ type: 'figures', figures: this.#look() });
    return leave;
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
