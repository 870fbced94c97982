/**
 * A histogram of what happens with every token, in prom-client's registry and exposition. prom-client's own checks and
 * looks up its labels at each value, a twentieth of what a token cost; here they are looked up once.
 */
import type { Metric, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** The values of one set of labels. */
export class Series {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** Of each bucket by itself; the last is above all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** As Prometheus has it: each bucket holds those before it. */
  exposition(name: string) {
    let count = 0;
    const buckets = Array.from(this.#counts, (those, bucket) => {
      count += those;
      const labels = { le: this.#bounds[bucket] ?? '+Inf', ...this.labels };
      return { metricName: `${name}_bucket`, labels, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.labels, value: count },
    ];
  }
}

export class Histogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Series>();

  /** @param buckets Upper bounds, rising. */
  constructor(registry: Registry, name: string, help: string, buckets: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#buckets = buckets;
    // A registry asks a metric for its name and for `get` alone (prom-client 15.1); its type names its own classes.
    registry.registerMetric(this as unknown as Metric);
  }

  /** Those of `labels`: who observes often keeps it. */
  series(labels: Labels = {}): Series {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key) ?? new Series(labels, this.#buckets);
    this.#series.set(key, series);
    return series;
  }

  get() {
    const { name, help, type, aggregator } = this;
    const values = [...this.#series.values()].flatMap((series) => series.exposition(name));
    return { name, help, type, values, aggregator };
  }
}
