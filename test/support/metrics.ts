import { Metrics } from '../../src/telemetry/metrics.ts';

/** Metrics that nobody reads. */
export const someMetrics = () =>
  new Metrics({ version: '0.0.0', agent: 'demo', agentVersion: null, sandbox: 'none' });
