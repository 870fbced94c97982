/**
 * What operators count and time, for Prometheus. The names of what the GenAI semantic conventions of OpenTelemetry
 * name are theirs, as Prometheus writes them. No label holds anything of a person: not a user, a conversation,
 * or words.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type FaultCode, faultIn } from '../faults.ts';
import type { LimitName } from '../transport/protocol.ts';
import { Histogram, type Series } from './histogram.ts';
import { LOOP_WATCH_MS, tellLateness } from './loop-lag.ts';
import { RunMeter } from './run-meter.ts';

/** How things stand, read when Prometheus asks. Numbers by the name of a state. */
export interface Readings {
  readonly sessions: () => Readonly<Record<string, number>>;
  readonly conversations: () => Readonly<Record<string, number>>;
  /** Claude processes. */
  readonly processes: () => Readonly<Record<'alive' | 'starting' | 'waiting', number>>;
  readonly runs: () => Readonly<Record<'running' | 'queued' | 'parked', number>>;
  /** Whether this server may run conversations: it has its lease in the database, or shares none. */
  readonly mayRun: () => boolean;
  /** Bytes that sockets could not take yet, of all together. */
  readonly unsentBytes: () => number;
  /** Handed to the journals and not durable yet, of all conversations together. */
  readonly journalLag: () => { readonly rows: number; readonly bytes: number };
  /** Bytes of memory, of Claude processes with all that they started: together, and the one that takes most. */
  readonly residentBytes: () => Promise<{ readonly all: number; readonly largest: number }>;
  /** Lines of Claude's of kinds that are not known, since the start, by kind. */
  readonly unknownLines: () => Readonly<Record<string, number>>;
}

export interface Build {
  readonly version: string;
  readonly agent: string;
  /** Null: it does not say. */
  readonly agentVersion: string | null;
  readonly sandbox: string;
}

/** Seconds: an append takes some tenths of a millisecond on a good disk, and a slow one shows. */
const APPEND_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Fewer of them: there is a histogram for each operation. */
const OPERATION_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

export class Metrics {
  readonly runs: RunMeter;
  readonly #registry = new Registry();
  readonly #refused: Counter<'reason'>;
  readonly #throttled: Counter<'limit'>;
  readonly #appends: Series;
  readonly #operations: Histogram;
  /** Of operations that were answered, by name: nearly all. */
  readonly #answered = new Map<string, Series>();

  constructor({ version, agent, agentVersion, sandbox }: Build) {
    const registers = [this.#registry];
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: LOOP_WATCH_MS,
    });
    tellLateness(this.#registry);
    this.runs = new RunMeter(this.#registry);
    this.#refused = new Counter({
      name: 'greenroom_refused_total',
      help: 'Sockets and requests that were turned away, by the code of the fault.',
      labelNames: ['reason'],
      registers,
    });
    this.#throttled = new Counter({
      name: 'greenroom_throttled_total',
      help: 'Prompts that were refused or parked by a limit of their user, by which.',
      labelNames: ['limit'],
      registers,
    });
    this.#appends = new Histogram(
      this.#registry,
      'greenroom_journal_append_seconds',
      'From handing rows to the store until they are durable.',
      APPEND_BUCKETS,
    ).series();
    this.#operations = new Histogram(
      this.#registry,
      'greenroom_store_seconds',
      'What was asked of the store, until it was answered.',
      OPERATION_BUCKETS,
    );
    const names = ['version', 'agent', 'agent_version', 'sandbox'];
    new Gauge({
      name: 'greenroom_build_info',
      help: 'Always 1.',
      labelNames: names,
      registers,
    }).set({ version, agent, agent_version: agentVersion ?? '', sandbox }, 1);
  }

  /** A socket or a request was turned away. */
  refused(reason: FaultCode): void {
    this.#refused.inc({ reason });
  }

  /** A prompt was refused or parked. */
  throttled(limit: LimitName): void {
    this.#throttled.inc({ limit });
  }

  /** Something was asked of the store. @param fault What it threw; null: it was answered. */
  stored({ name, seconds, fault }: { name: string; seconds: number; fault: unknown }): void {
    if (fault !== null)
      return this.#operations.series({ operation: name, outcome: faultIn(fault) }).observe(seconds);
    let answered = this.#answered.get(name);
    if (answered === undefined) {
      answered = this.#operations.series({ operation: name, outcome: 'ok' });
      this.#answered.set(name, answered);
    }
    answered.observe(seconds);
    if (name === 'append') this.#appends.observe(seconds);
  }

  /** From now on these are read when Prometheus asks. */
  read(readings: Readings): void {
    const { sessions, conversations, processes, runs, unknownLines, residentBytes } = readings;
    const { unsentBytes, journalLag, mayRun } = readings;
    this.#gauges('greenroom_sessions', 'Sessions, by the state of their machine.', sessions);
    this.#gauges(
      'greenroom_conversations',
      'Living conversations, by the state of their machine.',
      conversations,
    );
    this.#gauges('greenroom_processes', 'Claude processes, by how far they are.', processes);
    this.#gauges(
      'greenroom_runs',
      'Runs at work, prompts queued for their turn, and prompts parked by a limit.',
      runs,
    );
    this.#gauge(
      'greenroom_lease',
      '1: this server may run conversations. 0: it has lost its lease in the database.',
      () => Number(mayRun()),
    );
    this.#gauge('greenroom_unsent_bytes', 'Bytes that sockets could not take yet.', unsentBytes);
    this.#gauge(
      'greenroom_journal_waiting_rows',
      'Rows that were handed to a journal and are not durable yet.',
      () => journalLag().rows,
    );
    this.#gauge(
      'greenroom_journal_waiting_bytes',
      'What these rows hold, as UTF-8.',
      () => journalLag().bytes,
    );
    new Gauge({
      name: 'greenroom_process_resident_bytes',
      help: 'Memory of Claude processes with all that they started: all together, and the largest.',
      labelNames: ['of'],
      registers: [this.#registry],
      async collect() {
        for (const [of, bytes] of Object.entries(await residentBytes())) this.set({ of }, bytes);
      },
    });
    new Counter({
      name: 'greenroom_unknown_lines_total',
      help: 'Lines of Claude of kinds this version does not know.',
      labelNames: ['kind'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [kind, count] of Object.entries(unknownLines())) this.inc({ kind }, count);
      },
    });
  }

  /** @returns The text Prometheus reads, and its content type. */
  async text(): Promise<{ body: string; type: string }> {
    return { body: await this.#registry.metrics(), type: this.#registry.contentType };
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  #gauges(name: string, help: string, read: () => Readonly<Record<string, number>>): void {
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers: [this.#registry],
      collect() {
        this.reset(); // a state that nobody is in any more is not told as it was
        for (const [state, count] of Object.entries(read())) this.set({ state }, count);
      },
    });
  }
}
