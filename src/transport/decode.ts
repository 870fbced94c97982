/**
 * From a text frame to a `ClientFrame`: nothing a client sends goes further unchecked. Known fields are
 * strict, unknown ones are dropped; AG-UI's fields that Greenroom does not read are not looked at.
 */
import * as v from 'valibot';
import { FaultError } from '../faults.ts';
import type { Decision } from '../machines/approvals.ts';
import { CLIENT_ID } from '../store/store.ts';
import type { ClientFrame, RunInput } from './protocol.ts';

const DEPTH_MAX = 16;
const ID = v.pipe(v.string(), v.regex(CLIENT_ID));
const Cursor = v.pipe(v.string(), v.maxLength(64));
/** Interrupt ids are Claude's. */
const InterruptId = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
export const Wellformed = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed()),
);

/** Of what is chosen; it must be on offer, too. */
const Name = v.pipe(v.string(), v.minLength(1), v.maxLength(256));

const Ref = { ref: v.optional(v.pipe(v.string(), v.maxLength(64))) };

/** Only the last user message is read; the rest is the client's own copy of what the journal holds. */
const Message = v.looseObject({ id: v.optional(v.string()), role: v.string() });
const Resume = v.object({
  interruptId: InterruptId,
  status: v.picklist(['resolved', 'cancelled']),
  payload: v.optional(v.unknown()),
});

const RunInputSchema = v.object({
  threadId: ID,
  runId: ID,
  parentRunId: v.optional(ID),
  protocolVersion: v.optional(v.pipe(v.string(), v.maxLength(32))),
  messages: v.pipe(v.array(Message), v.maxLength(10_000)),
  resume: v.optional(v.pipe(v.array(Resume), v.maxLength(100))),
});

const Typed = v.variant('type', [
  v.object({
    type: v.literal('hello'),
    threadId: v.nullable(ID),
    after: v.nullable(Cursor),
    share: v.optional(v.pipe(v.string(), v.maxLength(64))),
    ...Ref,
  }),
  v.object({ type: v.literal('abort'), runId: ID, ...Ref }),
  v.object({ type: v.literal('unpark'), runId: ID, ...Ref }),
  v.object({ type: v.literal('sendNow'), runId: ID, ...Ref }),
  v.object({ type: v.literal('warm'), ...Ref }),
  v.object({
    type: v.literal('choose'),
    model: v.optional(v.nullable(Name)),
    effort: v.optional(v.nullable(Name)),
    repository: v.optional(v.nullable(Name)),
    ...Ref,
  }),
  v.object({ type: v.literal('pong'), ...Ref }),
]);

const Answer = v.object({
  approved: v.boolean(),
  scope: v.optional(v.picklist(['once', 'conversation'])),
  input: v.optional(v.record(v.string(), v.unknown())),
  message: v.optional(v.pipe(Wellformed, v.maxLength(10_000))),
});
const Payload = v.union([v.boolean(), Answer]);

/** @throws {FaultError} `frame.malformed`, with the field that was wrong. */
export function decodeFrame(text: string): ClientFrame {
  const value = parseShallow(text);
  const typed = typeof value === 'object' && value !== null && 'type' in value;
  const result = typed ? v.safeParse(Typed, value) : v.safeParse(RunInputSchema, value);
  if (!result.success)
    throw new FaultError('frame.malformed', v.getDotPath(result.issues[0]) ?? 'frame');
  return result.output as ClientFrame;
}

/** The answers in a RunAgentInput's `resume`. @throws {FaultError} `approval.malformed`. */
export function decisionsOf(input: RunInput): Decision[] {
  return (input.resume ?? []).map(({ interruptId, status, payload }) => {
    const cancelled = { approved: false, message: 'The request was cancelled.' };
    const result = v.safeParse(Payload, status === 'cancelled' ? cancelled : payload);
    if (!result.success) throw new FaultError('approval.malformed');
    const answer: v.InferOutput<typeof Answer> =
      typeof result.output === 'boolean' ? { approved: result.output } : result.output;
    const { approved, scope = 'once', input = null, message = null } = answer;
    return { interruptId, approved, scope, input, message };
  });
}

/** Depth is bounded before parsing: V8 parses a million levels, and then fails to write them. */
export function parseShallow(text: string): unknown {
  if (depthOf(text) > DEPTH_MAX)
    throw new FaultError('frame.malformed', `nested deeper than ${DEPTH_MAX}`);
  try {
    return JSON.parse(text, withoutProto);
  } catch {
    throw new FaultError('frame.malformed', 'not JSON');
  }
}

/** `__proto__` from JSON is an own key that later copies would turn into a prototype; 1e999 is no number. */
function withoutProto(key: string, value: unknown): unknown {
  if (
    key === '__proto__' ||
    value === Number.POSITIVE_INFINITY ||
    value === Number.NEGATIVE_INFINITY
  ) {
    return undefined;
  }
  return value;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === BACKSLASH) i++;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if (unit === BRACE_OPEN || unit === BRACKET_OPEN) deepest = Math.max(deepest, ++depth);
    else if (unit === BRACE_CLOSE || unit === BRACKET_CLOSE) depth--;
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
