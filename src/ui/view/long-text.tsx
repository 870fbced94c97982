import { useState } from 'react';
import { apiUrl, request } from '../api.ts';
import { language, words } from '../words/words.ts';

/** A text longer than this is folded, so that what follows it stays near. */
const LINES_SHOWN = 20;

interface LongTextProps {
  text: string;
  /** Where the whole text is, if this is only its beginning. `length`: UTF-16 units. */
  whole?: { threadId: string; toolCallId: string; length: number } | null;
}

/** Plain text that shows its first lines, then all of it, then what only the server has. */
export function LongText({ text, whole = null }: LongTextProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  const [full, setFull] = useState<string | null>(null);
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  const all = full ?? text;
  const lines = all.split('\n');
  const isFolded = !isUnfolded && lines.length > LINES_SHOWN + 5;

  const load = async () => {
    if (!whole) return;
    setState('loading');
    try {
      const path = `conversations/${whole.threadId}/results/${encodeURIComponent(whole.toolCallId)}`;
      setFull(await (await request('GET', apiUrl(path))).text());
      setUnfolded(true);
      setState('idle');
    } catch {
      setState('failed');
    }
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="plain" tabIndex={0}>
        {isFolded ? lines.slice(0, LINES_SHOWN).join('\n') : all}
      </pre>
      {isFolded && (
        <button type="button" className="link-button" onClick={() => setUnfolded(true)}>
          {words.markdown.showAllLines(lines.length.toLocaleString(language))}
        </button>
      )}
      {whole && full === null && (
        <button
          type="button"
          className="link-button"
          disabled={state === 'loading'}
          onClick={() => void load()}
        >
          {state === 'failed'
            ? words.markdown.fullTextNotHad
            : words.markdown.showFullText(whole.length.toLocaleString(language))}
        </button>
      )}
      {state === 'loading' && <span role="status">{words.markdown.loading}</span>}
    </>
  );
}
