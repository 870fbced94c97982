/** A capsule from a file that may hold anything. */
import * as v from 'valibot';
import { CAPSULE, type Capsule } from './capsule.ts';

const Event = v.looseObject({ type: v.string() });
const Entry = v.object({ at: v.number(), event: Event });
const Snapshot = v.object({
  status: v.string(),
  value: v.nullable(v.union([v.string(), v.record(v.string(), v.any())])),
  context: v.record(v.string(), v.unknown()),
  children: v.array(v.string()),
});

const Schema = v.object({
  format: v.literal(CAPSULE),
  kind: v.picklist(['session', 'conversation']),
  machine: v.string(),
  version: v.string(),
  actor: v.string(),
  at: v.number(),
  why: v.string(),
  begins: Snapshot,
  entries: v.array(Entry),
  answers: v.array(v.union([v.string(), v.number(), v.boolean()])),
  failedOn: v.nullable(Entry),
  ends: Snapshot,
});

/** @throws {TypeError} What is wrong with it. */
export function readCapsule(text: string): Capsule {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new TypeError('is not JSON');
  }
  const result = v.safeParse(Schema, found);
  if (result.success) return result.output as Capsule;
  const [issue] = result.issues;
  throw new TypeError(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}
