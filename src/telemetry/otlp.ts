/**
 * Spans of sessions, prompts and runs, sent to a collector by OTLP. It is loaded where there is one; spans that it does
 * not take are dropped, and hold nothing up. Names are those of OpenTelemetry's conventions for HTTP and GenAI, and
 * `greenroom.*` where these have none.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { ExportResultCode, parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { FAULTS, type FaultCode } from '../faults.ts';
import type { TokenCounts } from '../tokens.ts';
import { within } from '../within.ts';
import type { RunOutcome, RunTiming, TimedRun } from './run-meter.ts';
import type { PromptTrace, SessionRequest, SessionTrace, Traces } from './traces.ts';

/** A collector that does not answer must not hold up the end of the server. */
const CLOSE_MS = 2_000;
/** So many prompts and questions are remembered until a run goes on from them; of older ones a new trace begins. */
const ORIGINS_MAX = 10_000;

export interface OtlpParts {
  readonly url: URL;
  readonly version: string;
  readonly agent: { readonly kind: string; readonly version: string | null };
  /** Null: spans were taken; else why not. */
  readonly onSent: (error: Error | null) => void;
}

export class OtlpTraces implements Traces {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #agent: Attributes;
  /** What a run that begins comes from: its prompt, or the run that asked what it answers. */
  readonly #origins = new Map<string, SpanContext>();

  constructor({ url, version, agent, onSent }: OtlpParts) {
    const exporter = telling(new OTLPTraceExporter({ url: url.href }), onSent);
    const own = { 'service.name': 'greenroom', 'service.version': version };
    this.#provider = new TracerProvider({
      resource: defaultResource().merge(resourceFromAttributes(own)),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    this.#tracer = this.#provider.getTracer('greenroom', version);
    this.#agent = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.agent.name': agent.kind,
      ...(agent.version !== null && { 'gen_ai.agent.version': agent.version }),
    };
  }

  session({ id, route, isWebSocket, traceparent }: SessionRequest): SessionTrace {
    const method = isWebSocket ? 'GET' : 'POST';
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'greenroom.session.id': id,
    };
    const options = { kind: SpanKind.SERVER, attributes };
    const span = this.#tracer.startSpan(`${method} ${route}`, options, remote(traceparent));
    let undecided: Span | null = span; // not kept for as long as the socket
    const inside = after(span.spanContext());
    return {
      decided: (fault) => {
        if (undecided !== null) endRequest(undecided, isWebSocket ? 101 : 200, fault);
        undecided = null;
        return fault;
      },
      prompt: (key, runId) => this.#prompt(key, runId, inside),
    };
  }

  run({ key, runId, parentRunId, model, conversation }: TimedRun, timing: RunTiming): RunTiming {
    const origin = this.#take(key, runId) ?? this.#take(key, parentRunId);
    const attributes = {
      ...this.#agent,
      'gen_ai.conversation.id': conversation,
      'greenroom.run.id': runId,
      ...(model !== null && { 'gen_ai.request.model': model }),
    };
    const name = `invoke_agent ${this.#agent['gen_ai.agent.name']}`;
    const span = this.#tracer.startSpan(name, { attributes }, origin && after(origin));
    const began = performance.now();
    let isSilent = true;
    return {
      heard: () => {
        timing.heard();
        if (!isSilent) return;
        isSilent = false;
        span.addEvent('greenroom.first_chunk');
        const seconds = (performance.now() - began) / 1_000;
        span.setAttribute('gen_ai.response.time_to_first_chunk', seconds);
      },
      ended: (outcome, usage) => {
        timing.ended(outcome, usage);
        if (outcome === 'blocked') this.#keep(key, runId, span.spanContext());
        endRun(span, outcome, usage);
      },
    };
  }

  async close(): Promise<void> {
    await within(
      this.#provider.shutdown().catch(() => {}),
      CLOSE_MS,
    );
  }

  #prompt(key: string, runId: string, inside: Context): PromptTrace {
    const span = this.#tracer.startSpan(
      'prompt',
      { attributes: { 'greenroom.run.id': runId } },
      inside,
    );
    this.#keep(key, runId, span.spanContext());
    let outcome: 'accepted' | 'parked' | 'refused' = 'refused';
    return {
      handedOn: (fault) => {
        if (fault === null) outcome = 'accepted';
        return fault;
      },
      parked: () => {
        outcome = 'parked';
      },
      end: () => {
        span.setAttribute('greenroom.outcome', outcome).end();
        if (outcome === 'refused') this.#take(key, runId);
      },
    };
  }

  #keep(key: string, runId: string, origin: SpanContext): void {
    const [oldest] = this.#origins.keys();
    if (this.#origins.size >= ORIGINS_MAX && oldest !== undefined) this.#origins.delete(oldest);
    this.#origins.set(`${key} ${runId}`, origin);
  }

  #take(key: string, runId: string | null): SpanContext | undefined {
    const name = `${key} ${runId}`;
    const origin = this.#origins.get(name);
    this.#origins.delete(name);
    return origin;
  }
}

/**
 * The span of whoever asked. What else a client may send along (`tracestate`) is words of its own, and is not taken.
 */
function remote(traceparent: SessionRequest['traceparent']): Context {
  const parent = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null;
  return parent === null ? ROOT_CONTEXT : after({ ...parent, isRemote: true });
}

/** By its ids alone, so that a span which has ended is not kept. */
function after(span: SpanContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, span);
}

function fail(span: Span, fault: FaultCode): void {
  span.setAttribute('error.type', fault).setStatus({ code: SpanStatusCode.ERROR });
}

/** @param status Where there is no fault. */
function endRequest(span: Span, status: number, fault: FaultCode | null): void {
  if (fault !== null) fail(span, fault);
  span.setAttribute(
    'http.response.status_code',
    fault === null ? status : (FAULTS[fault].status ?? 500),
  );
  span.end();
}

function endRun(span: Span, outcome: RunOutcome, usage: TokenCounts | null): void {
  span.setAttribute('greenroom.outcome', outcome);
  if (Object.hasOwn(FAULTS, outcome)) fail(span, outcome as FaultCode);
  if (usage !== null) {
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
    span.setAttributes({
      'gen_ai.usage.input_tokens': inputTokens + cacheReadTokens + cacheWriteTokens,
      'gen_ai.usage.cache_read.input_tokens': cacheReadTokens,
      'gen_ai.usage.cache_creation.input_tokens': cacheWriteTokens,
      'gen_ai.usage.output_tokens': outputTokens,
    });
  }
  span.end();
}

function telling(exporter: SpanExporter, onSent: OtlpParts['onSent']): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const isTaken = result.code === ExportResultCode.SUCCESS;
        onSent(isTaken ? null : (result.error ?? new Error('spans were not taken')));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
