/**
 * What becomes a span, in the terms of who tells of it; otlp.ts makes the spans, where somebody collects them. Ids,
 * models and counters alone: not a user, and not a word of anybody's.
 */
import type { FaultCode } from '../faults.ts';
import type { RunTiming, TimedRun } from './run-meter.ts';

/** From a prompt's arrival until it is accepted, or is not. */
export interface PromptTrace {
  /** Its conversation took it (null), or why not. @returns The same, unchanged. */
  handedOn(fault: FaultCode | null): FaultCode | null;
  parked(): void;
  /** Where it was neither, it was refused, or its socket has gone. */
  end(): void;
}

/** One client: a WebSocket, or a `POST /agui`. */
export interface SessionTrace {
  /** It was let in (null), or why not. @returns The same, unchanged. */
  decided<Fault extends FaultCode | null>(fault: Fault): Fault;
  /** @param key Of the conversation: run ids are their client's own, and another's may be the same. */
  prompt(key: string, runId: string): PromptTrace;
}

export interface SessionRequest {
  readonly id: string;
  /** Its path below the base path: one of few. */
  readonly route: string;
  readonly isWebSocket: boolean;
  /** The header as it came. */
  readonly traceparent: string | readonly string[] | undefined;
}

export interface Traces {
  session(request: SessionRequest): SessionTrace;
  /** Makes a span of a run that begins. @returns What times it further, `timing` included. */
  run(run: TimedRun, timing: RunTiming): RunTiming;
  /** Sends what has ended; nothing is traced after that. Never rejects. */
  close(): Promise<void>;
}

const UNTRACED: PromptTrace = { handedOn: (fault) => fault, parked: () => {}, end: () => {} };
const UNSEEN: SessionTrace = { decided: (fault) => fault, prompt: () => UNTRACED };

/** Nobody collects spans. */
export const NO_TRACES: Traces = {
  session: () => UNSEEN,
  run: (_, timing) => timing,
  close: async () => {},
};
