import type { FileView, FolderView } from '../../transport/views.ts';
import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';
import { contentUrl, join } from './files-api.ts';
import { sizeWords } from './size-words.ts';

interface FileListProps {
  path: string;
  view: FolderView | null;
  /** Why it could not be had. */
  why: string | null;
  onOpen: (entry: FileView) => void;
  onRetry: () => void;
}

export function FileList({ path, view, why, onOpen, onRetry }: FileListProps) {
  if (why !== null)
    return (
      <div className="files-state" role="alert">
        <p>{why}</p>
        <button type="button" className="button" onClick={onRetry}>
          {words.files.tryAgain}
        </button>
      </div>
    );
  if (view === null) return <p className="files-state quiet">{words.files.openingFolder}</p>;
  if (view.entries.length === 0) return <p className="files-state quiet">{words.files.empty}</p>;
  return (
    <>
      <ul className="file-list">
        {view.entries.map((entry) => (
          <Entry key={entry.name} entry={entry} path={join(path, entry.name)} onOpen={onOpen} />
        ))}
      </ul>
      {view.truncated && <p className="quiet files-state">{words.files.moreThanShown}</p>}
    </>
  );
}

function Entry(props: { entry: FileView; path: string; onOpen: (entry: FileView) => void }) {
  const { entry, path, onOpen } = props;
  const { name, kind, bytes, modifiedAt } = entry;
  const isFolder = kind === 'folder';
  return (
    <li className={`file ${kind}`}>
      <button
        type="button"
        className="file-open"
        disabled={kind === 'other'}
        onClick={() => onOpen(entry)}
      >
        <span className="file-mark" aria-hidden="true" />
        <span className="file-name">
          <bdi>{name}</bdi>
          {isFolder && '/'}
        </span>
        <span className="file-facts">
          {kind === 'file' && `${sizeWords(bytes)} · `}
          {kind === 'other' ? words.files.notAFile : dateWords(modifiedAt)}
        </span>
      </button>
      {kind === 'file' && (
        <a className="link-button file-save" href={contentUrl(path, true)} download={name}>
          <span aria-hidden="true">↓</span>
          <span className="hidden">{words.files.downloadOf(name)}</span>
        </a>
      )}
    </li>
  );
}

function dateWords(at: number): string {
  return new Date(at).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });
}
