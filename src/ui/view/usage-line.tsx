import { duration } from '../chat/activity.ts';
import type { Usage } from '../chat/thread.ts';
import { costWords, dollars, tokenWords } from '../chat/usage.ts';
import { language, words } from '../words/words.ts';

/** What a turn took, quietly; the exact numbers on demand. */
export function UsageLine({ usage }: { usage: Usage }) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd, durationMs } =
    usage;
  const short = [
    durationMs === null ? null : duration(durationMs),
    words.view.usage(tokenWords(inputTokens), tokenWords(outputTokens)),
    costUsd === null ? null : costWords(costUsd),
  ].filter((part) => part !== null);
  return (
    <details className="usage">
      <summary>{short.join(' · ')}</summary>
      <dl>
        <dt>{words.view.inputTokens}</dt>
        <dd>{inputTokens.toLocaleString(language)}</dd>
        <dt>{words.view.outputTokens}</dt>
        <dd>{outputTokens.toLocaleString(language)}</dd>
        <dt>{words.view.cacheRead}</dt>
        <dd>{cacheReadTokens.toLocaleString(language)}</dd>
        <dt>{words.view.cacheWritten}</dt>
        <dd>{cacheWriteTokens.toLocaleString(language)}</dd>
        {costUsd !== null && (
          <>
            <dt>{words.view.cost}</dt>
            <dd>{dollars(costUsd, 4)}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
