/** How full the context is, as `get_context_usage` answers: measured, it asks nothing of the API in summary. */

import type { ContextFill } from '../transport/protocol.ts';
import { type Json, number } from './json.ts';

export const CONTEXT_REQUEST = { subtype: 'get_context_usage', detail: 'summary' };

export function contextFill({ totalTokens, maxTokens }: Json): ContextFill | null {
  const [used, max] = [number(totalTokens), number(maxTokens)];
  return used === null || max === null || max <= 0 ? null : { usedTokens: used, maxTokens: max };
}
