import { useMemo, useState } from 'react';
import type { Edit } from '../chat/tool-summary.ts';
import { language, words } from '../words/words.ts';
import { compare, type DiffLine } from './diff-lines.ts';

const LINES_SHOWN = 60;

/** What a file loses and gains, line by line. */
export default function Diff({ edit }: { edit: Edit }) {
  const [isUnfolded, setUnfolded] = useState(false);
  const lines = useMemo(() => compare(edit), [edit]);
  const count = (mark: DiffLine['mark']) => lines.filter((line) => line.mark === mark).length;
  const isFolded = !isUnfolded && lines.length > LINES_SHOWN + 10;
  return (
    <figure className="diff">
      <figcaption>
        <span className="diff-path">{edit.path}</span>
        <span className="diff-count">
          <span className="diff-added">+{count('+')}</span>{' '}
          <span className="diff-removed">−{count('-')}</span>
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="plain" tabIndex={0}>
        {(isFolded ? lines.slice(0, LINES_SHOWN) : lines).map(({ mark, parts }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines never change places
          <span key={index} className={LINE_CLASS[mark]}>
            {`${mark} `}
            {parts.map(({ text, isChanged }, at) =>
              // biome-ignore lint/suspicious/noArrayIndexKey: nor do parts of a line
              isChanged ? <mark key={at}>{text}</mark> : text,
            )}
            {'\n'}
          </span>
        ))}
      </pre>
      {isFolded && (
        <button type="button" className="link-button" onClick={() => setUnfolded(true)}>
          {words.markdown.showAllLines(lines.length.toLocaleString(language))}
        </button>
      )}
    </figure>
  );
}

const LINE_CLASS: Record<DiffLine['mark'], string> = {
  '+': 'diff-line added',
  '-': 'diff-line removed',
  ' ': 'diff-line',
};
