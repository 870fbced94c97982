/** From a text frame of the operators' page to what it asks: nothing goes further unchecked. */
import * as v from 'valibot';
import { FaultError } from '../../faults.ts';
import { parseShallow } from '../decode.ts';
import type { OpsClientFrame } from './protocol.ts';

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const Ref = { ref: v.pipe(v.string(), v.maxLength(64)) };
const Act = { type: v.literal('act'), ...Ref };

const Frame = v.union([
  v.object({ type: v.literal('pong') }),
  v.object({ type: v.picklist(['follow', 'stately']), actor: v.nullable(Id), ...Ref }),
  v.variant('act', [
    v.object({
      act: v.picklist(['interrupt', 'stopProcess', 'closeSession', 'record', 'capsule']),
      actor: Id,
      ...Act,
    }),
    v.object({ act: v.literal('signOut'), user: Id, ...Act }),
    v.object({ act: v.literal('drain'), ...Act }),
    v.object({
      act: v.literal('logLevel'),
      level: v.picklist(['debug', 'info', 'warn', 'error']),
      ...Act,
    }),
  ]),
]);

/** @throws {FaultError} `frame.malformed`. */
export function decodeOpsFrame(text: string): OpsClientFrame {
  const result = v.safeParse(Frame, parseShallow(text));
  if (!result.success) throw new FaultError('frame.malformed');
  return result.output as OpsClientFrame;
}
