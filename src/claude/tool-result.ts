/** A tool's result as an event, cut where it is long; the whole of it is kept apart. */
import type { AguiEvent } from '../transport/protocol.ts';
import type { ToolResult } from './message.ts';

/** The encoded chunk may be 64 KiB; this leaves room for its envelope. */
const SHOWN_BYTES_MAX = 60 * 1024;

/** UTF-8; what is over is cut, and the text ends by saying so. */
export const KEPT_BYTES_MAX = 4 * 1024 * 1024;

export interface ShownResult {
  readonly event: AguiEvent;
  /** The whole text, where the event holds only its beginning. */
  readonly full: string | null;
}

export function shownResult(
  { toolUseId, text, isError }: ToolResult,
  subagentRunId: string | null,
): ShownResult {
  const shown = cut(text, SHOWN_BYTES_MAX);
  const isCut = shown !== text;
  const metadata = {
    ...(isError && { isError: true }),
    ...(isCut && { truncated: true, length: text.length }),
  };
  const event: AguiEvent = {
    type: 'TOOL_CALL_RESULT',
    messageId: `r:${toolUseId}`,
    toolCallId: toolUseId,
    role: 'tool',
    content: shown,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(subagentRunId !== null && { subagentRunId }),
  };
  return { event, full: isCut ? kept(text) : null };
}

/** The longest half, quarter, … of `text` whose JSON stays within `bytesMax`; never half a surrogate pair. */
function cut(text: string, bytesMax: number): string {
  let shown = text;
  while (Buffer.byteLength(JSON.stringify(shown)) > bytesMax) {
    shown = shown.slice(0, Math.min(bytesMax, Math.floor(shown.length / 2))).toWellFormed();
  }
  return shown;
}

function kept(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= KEPT_BYTES_MAX) return bytes.toString();
  const note = `\n[Cut: ${bytes.length} bytes, of which these are the first.]\n`;
  let end = KEPT_BYTES_MAX - Buffer.byteLength(note);
  // Back to where a character begins.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end) + note;
}
