import type { Context } from '../chat/chat-view.ts';
import { tokenWords } from '../chat/usage.ts';

/** From here on an answer may soon begin with a summary of what was said. */
const NEARLY_FULL = 0.85;

/** How full Claude's memory of the conversation is. */
export function ContextMeter({ context }: { context: Context | null }) {
  if (context === null || context.maxTokens <= 0) return null;
  const { usedTokens, maxTokens } = context;
  const share = Math.min(1, usedTokens / maxTokens);
  const percent = Math.round(share * 100);
  const words = `Context: ${tokenWords(usedTokens)} of ${tokenWords(maxTokens)} tokens`;
  return (
    <span className={share >= NEARLY_FULL ? 'context nearly-full' : 'context'} title={words}>
      <meter aria-label={words} value={percent} min={0} max={100} />
      <span aria-hidden="true">{percent} %</span>
    </span>
  );
}
