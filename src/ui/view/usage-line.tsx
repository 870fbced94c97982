import { duration } from '../chat/activity.ts';
import type { Usage } from '../chat/thread.ts';
import { costWords, tokenWords } from '../chat/usage.ts';

/** What a turn took, quietly; the exact numbers on demand. */
export function UsageLine({ usage }: { usage: Usage }) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd, durationMs } =
    usage;
  const short = [
    durationMs === null ? null : duration(durationMs),
    `${tokenWords(inputTokens)} in, ${tokenWords(outputTokens)} out`,
    costUsd === null ? null : costWords(costUsd),
  ].filter((part) => part !== null);
  return (
    <details className="usage">
      <summary>{short.join(' · ')}</summary>
      <dl>
        <dt>Input tokens</dt>
        <dd>{inputTokens.toLocaleString()}</dd>
        <dt>Output tokens</dt>
        <dd>{outputTokens.toLocaleString()}</dd>
        <dt>Read from cache</dt>
        <dd>{cacheReadTokens.toLocaleString()}</dd>
        <dt>Written to cache</dt>
        <dd>{cacheWriteTokens.toLocaleString()}</dd>
        {costUsd !== null && (
          <>
            <dt>Estimated cost</dt>
            <dd>${costUsd.toFixed(4)}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
