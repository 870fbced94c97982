import type { Context } from '../chat/chat-view.ts';
import { tokenWords } from '../chat/usage.ts';
import { words } from '../words/words.ts';

/** From here on an answer may soon begin with a summary of what was said. */
const NEARLY_FULL = 0.85;

/** How full Claude's memory of the conversation is. */
export function ContextMeter({ context }: { context: Context | null }) {
  if (context === null || context.maxTokens <= 0) return null;
  const { usedTokens, maxTokens } = context;
  const share = Math.min(1, usedTokens / maxTokens);
  const percent = Math.round(share * 100);
  const said = words.view.context(tokenWords(usedTokens), tokenWords(maxTokens));
  return (
    <span className={share >= NEARLY_FULL ? 'context nearly-full' : 'context'} title={said}>
      <meter aria-label={said} value={percent} min={0} max={100} />
      <span aria-hidden="true">{percent} %</span>
    </span>
  );
}
