/** Wires traces: to the collector of the settings, or to nobody. */
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RunTimer } from '../telemetry/run-meter.ts';
import { NO_TRACES, type Traces } from '../telemetry/traces.ts';
import type { AgentInfo } from '../transport/protocol.ts';

export interface Traced {
  readonly traces: Traces;
  /** The same timing, with a span for each run. */
  readonly runs: RunTimer;
}

/** What makes spans is loaded where a collector is set, and costs nothing elsewhere. */
export async function wireTraces(
  { otlpUrl: url }: Config,
  about: { readonly version: string; readonly agent: AgentInfo },
  metrics: Metrics,
  log: Log,
): Promise<Traced> {
  if (url === null) return { traces: NO_TRACES, runs: metrics.runs };
  const { OtlpTraces } = await import('../telemetry/otlp.ts');
  let isFailing = false;
  const onSent = (error: Error | null) => {
    const wasFailing = isFailing;
    isFailing = error !== null;
    if (isFailing && !wasFailing) log.warn({ err: error }, 'the collector takes no spans');
    else if (wasFailing && !isFailing) log.info('the collector takes spans again');
  };
  const traces = new OtlpTraces({ ...about, url, onSent });
  const runs: RunTimer = { begin: (run) => traces.run(run, metrics.runs.begin(run)) };
  return { traces, runs };
}
