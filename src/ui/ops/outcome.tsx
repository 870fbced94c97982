import { useEffect } from 'react';
import type { Result } from './act-dialog.tsx';

const SHOWN_MS = 8_000;

/** What came of the last act: said aloud, and gone after a while. */
export function Outcome({ result, onGone }: { result: Result | null; onGone: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each result has its own time
  useEffect(() => {
    if (result === null) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [result]);
  return (
    <div className="ops-outcome" role="status">
      {result && <p className={result.isGood ? undefined : 'bad'}>{result.text}</p>}
    </div>
  );
}
