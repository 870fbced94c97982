import { words } from '../words/words.ts';

export type NoteState = 'offline' | 'searching' | 'failed' | 'found';

interface PaletteNoteProps {
  state: NoteState;
  query: string;
  count: number;
  onRetry: () => void;
}

/** What there is to know about the list: for the eye where it is not plain, for the ear always. */
export function PaletteNote({ state, query, count, onRetry }: PaletteNoteProps) {
  const seen = wordsOf(state, query, count);
  return (
    <div className={seen === '' ? 'palette-note unseen' : 'palette-note'}>
      <p role="status">
        {seen}
        <span className="hidden">{count > 0 && ` ${words.palette.count(count)}`}</span>
      </p>
      {state === 'failed' && (
        <button type="button" className="link-button" onClick={onRetry}>
          {words.palette.tryAgain}
        </button>
      )}
    </div>
  );
}

function wordsOf(state: NoteState, query: string, count: number): string {
  const { offline, searching, failed, nothing } = words.palette;
  if (state === 'failed') return failed;
  if (state === 'searching') return searching;
  if (state === 'offline') return count > 0 ? offline : `${nothing(query)} ${offline}`;
  return count > 0 ? '' : nothing(query);
}
