/** Times each run from its start to its end, in the terms of OpenTelemetry's GenAI semantic conventions. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { FAULTS, type FaultCode } from '../faults.ts';
import type { TokenCounts } from '../tokens.ts';
import { Histogram as TokenHistogram } from './histogram.ts';

/** How a run ended; `blocked`: it waits for an answer, and another goes on from there. */
export type RunOutcome = 'done' | 'cancelled' | 'blocked' | FaultCode;

/** A run that begins. */
export interface TimedRun {
  /** Of its conversation. */
  readonly key: string;
  readonly runId: string;
  /** The run that asked what this one answers. */
  readonly parentRunId: string | null;
  /** Null: the CLI's own default. */
  readonly model: string | null;
  /** As the log names the conversation. */
  readonly conversation: string;
}

export interface RunTimer {
  begin(run: TimedRun): RunTiming;
}

export interface RunTiming {
  /** Something of the answer goes to its readers now. */
  heard(): void;
  /** @param usage Null: it is not known. */
  ended(outcome: RunOutcome, usage: TokenCounts | null): void;
}

/** Seconds. A run of an agent lasts from moments to an hour. */
const DURATION_BUCKETS = [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1_800, 3_600];
/** Seconds, as the conventions have them. */
const FIRST_CHUNK_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30,
];
/** Seconds; frames of a conversation are 16 ms apart at least. */
const CHUNK_BUCKETS = [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10, 60];
/** As the conventions have them. */
const TOKEN_BUCKETS = Array.from({ length: 14 }, (_, power) => 4 ** power);

const MODEL = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const;

export class RunMeter implements RunTimer {
  readonly #now: () => number;
  readonly #durations: Histogram;
  readonly #firstChunks: Histogram;
  readonly #chunks: TokenHistogram;
  readonly #tokens: Histogram;
  readonly #ended: Counter;

  /** @param now Milliseconds, on a clock that only goes forward. */
  constructor(registry: Registry, now: () => number = () => performance.now()) {
    this.#now = now;
    const registers = [registry];
    const histogram = (name: string, help: string, buckets: number[], more: string[] = []) =>
      new Histogram({ name, help, buckets, labelNames: [...MODEL, ...more], registers });
    this.#durations = histogram(
      'gen_ai_client_operation_duration_seconds',
      'From the start of a run to its end.',
      DURATION_BUCKETS,
      ['error_type'],
    );
    this.#firstChunks = histogram(
      'gen_ai_client_operation_time_to_first_chunk_seconds',
      'From the start of a run to the first of its answer that goes to its readers.',
      FIRST_CHUNK_BUCKETS,
    );
    this.#chunks = new TokenHistogram(
      registry,
      'gen_ai_client_operation_time_per_output_chunk_seconds',
      'From one such part of an answer to the next.',
      CHUNK_BUCKETS,
    );
    this.#tokens = histogram(
      'gen_ai_client_token_usage',
      'Tokens of a run, those of its subagents too, as far as the CLI tells them.',
      TOKEN_BUCKETS,
      ['gen_ai_token_type'],
    );
    this.#ended = new Counter({
      name: 'greenroom_runs_ended_total',
      help: 'Runs that ended, by how: done, cancelled, blocked, or the code of a fault.',
      labelNames: ['outcome'],
      registers,
    });
  }

  begin({ model }: Pick<TimedRun, 'model'>): RunTiming {
    const labels = {
      gen_ai_operation_name: 'invoke_agent',
      gen_ai_provider_name: 'anthropic',
      gen_ai_request_model: model ?? 'default',
    };
    const started = this.#now();
    const chunks = this.#chunks.series(labels);
    let last: number | null = null;
    return {
      heard: () => {
        const now = this.#now();
        if (last === null) this.#firstChunks.observe(labels, (now - started) / 1_000);
        else chunks.observe((now - last) / 1_000);
        last = now;
      },
      ended: (outcome, usage) => {
        const error = Object.hasOwn(FAULTS, outcome) ? { error_type: outcome } : {};
        this.#durations.observe({ ...labels, ...error }, (this.#now() - started) / 1_000);
        this.#ended.inc({ outcome });
        if (usage === null) return;
        const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
        const input = inputTokens + cacheReadTokens + cacheWriteTokens;
        this.#tokens.observe({ ...labels, gen_ai_token_type: 'input' }, input);
        this.#tokens.observe({ ...labels, gen_ai_token_type: 'output' }, outputTokens);
      },
    };
  }
}
