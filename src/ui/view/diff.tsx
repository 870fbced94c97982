import { diffLines } from 'diff';
import { useMemo, useState } from 'react';
import type { Edit } from '../chat/tool-summary.ts';

const LINES_SHOWN = 60;
/** Comparing takes longer than anybody waits; then both texts stand one after the other. */
const COMPARE_MS = 200;

interface Line {
  readonly mark: '+' | '-' | ' ';
  readonly text: string;
}

/** What a file loses and gains, line by line. */
export default function Diff({ edit }: { edit: Edit }) {
  const [isUnfolded, setUnfolded] = useState(false);
  const lines = useMemo(() => compare(edit), [edit]);
  const count = (mark: Line['mark']) => lines.filter((line) => line.mark === mark).length;
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
        {(isFolded ? lines.slice(0, LINES_SHOWN) : lines).map(({ mark, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines never change places
          <span key={index} className={LINE_CLASS[mark]}>
            {`${mark} ${text}\n`}
          </span>
        ))}
      </pre>
      {isFolded && (
        <button type="button" className="link-button" onClick={() => setUnfolded(true)}>
          Show all {lines.length.toLocaleString()} lines
        </button>
      )}
    </figure>
  );
}

const LINE_CLASS: Record<Line['mark'], string> = {
  '+': 'diff-line added',
  '-': 'diff-line removed',
  ' ': 'diff-line',
};

function compare({ before, after }: Edit): Line[] {
  const changes = diffLines(before, after, { timeout: COMPARE_MS }) ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  return changes
    .filter(({ value }) => value !== '')
    .flatMap(({ value, added, removed }) => {
      const mark = added ? '+' : removed ? '-' : ' ';
      const lines = value.replace(/\n$/, '').split('\n');
      return lines.map((text): Line => ({ mark, text }));
    });
}
