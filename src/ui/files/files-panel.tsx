import { useCallback, useEffect, useRef, useState } from 'react';
import type { FileView, FolderView } from '../../transport/views.ts';
import { ApiError } from '../api.ts';
import { words } from '../words/words.ts';
import { FileList } from './file-list.tsx';
import { folder, join, put } from './files-api.ts';
import { Preview } from './preview.tsx';
import { sizeWords } from './size-words.ts';

interface FilesPanelProps {
  /** A column beside the conversation; else a sheet over it. */
  wide: boolean;
  /** Changes when a turn has ended: there may be other files then. */
  turn: string;
  onClose: () => void;
}

/** The user's workspace: what Claude reads and writes. */
export default function FilesPanel({ wide, turn, onClose }: FilesPanelProps) {
  const panel = <Panel turn={turn} onClose={onClose} />;
  return wide ? (
    <aside className="files" aria-label={words.files.title}>
      {panel}
    </aside>
  ) : (
    <Sheet onClose={onClose}>{panel}</Sheet>
  );
}

/** The browser's own modal dialog: it keeps the focus, closes on Escape and gives the focus back. */
function Sheet({ onClose, children }: { onClose: () => void; children: React.ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="files files-sheet"
      aria-label={words.files.title}
      onClose={onClose}
    >
      {children}
    </dialog>
  );
}

function Panel({ turn, onClose }: { turn: string; onClose: () => void }) {
  const [path, setPath] = useState('');
  const [opened, setOpened] = useState<FileView | null>(null);
  const { view, why, refresh } = useFolder(path, turn);
  const { upload, problem, busy } = useUpload(path, refresh);
  const picker = useRef<HTMLInputElement>(null);

  const open = (entry: FileView) => {
    if (entry.kind === 'folder') setPath(join(path, entry.name));
    else if (entry.kind === 'file') setOpened(entry);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files may be dropped here; the button does the same
    <div
      className="files-panel"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void upload([...event.dataTransfer.files]);
      }}
    >
      <div className="files-head">
        <h2 className="files-title">{words.files.title}</h2>
        <button type="button" className="button" onClick={() => picker.current?.click()}>
          {words.files.upload}
        </button>
        <button type="button" className="button quiet-button" onClick={onClose}>
          {words.files.close}
        </button>
        <input
          ref={picker}
          type="file"
          className="hidden"
          tabIndex={-1}
          aria-hidden="true"
          multiple
          onChange={({ target }) => {
            void upload([...(target.files ?? [])]);
            target.value = '';
          }}
        />
      </div>
      <Breadcrumbs
        path={path}
        onOpen={(to) => {
          setOpened(null);
          setPath(to);
        }}
      />
      <p className="files-news" role="status">
        {busy}
      </p>
      {problem}
      {opened ? (
        <Preview path={join(path, opened.name)} file={opened} onBack={() => setOpened(null)} />
      ) : (
        <FileList view={view} why={why} onOpen={open} onRetry={refresh} path={path} />
      )}
      {view && <Quota view={view} />}
    </div>
  );
}

function Breadcrumbs({ path, onOpen }: { path: string; onOpen: (path: string) => void }) {
  const names = path === '' ? [] : path.split('/');
  return (
    <nav className="breadcrumbs" aria-label={words.files.folder}>
      <button type="button" className="link-button" onClick={() => onOpen('')}>
        {words.files.workspace}
      </button>
      {names.map((name, index) => {
        const to = names.slice(0, index + 1).join('/');
        return (
          <span key={to}>
            <span aria-hidden="true">/</span>
            <button type="button" className="link-button" onClick={() => onOpen(to)}>
              <bdi>{name}</bdi>
            </button>
          </span>
        );
      })}
    </nav>
  );
}

function Quota({ view: { usedBytes, quotaBytes } }: { view: FolderView }) {
  return (
    <p className="quiet files-quota">
      {quotaBytes === null
        ? words.files.used(sizeWords(usedBytes))
        : words.files.usedOf(sizeWords(usedBytes), sizeWords(quotaBytes))}
    </p>
  );
}

function useFolder(path: string, turn: string) {
  const [view, setView] = useState<FolderView | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const [asked, ask] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn, or a wish, asks again
  useEffect(() => {
    const aborted = new AbortController();
    setView((shown) => (shown?.path === path ? shown : null));
    setWhy(null);
    folder(path, aborted.signal).then(setView, (error: unknown) => {
      if (!aborted.signal.aborted) setWhy(wordsOf(error));
    });
    return () => aborted.abort();
  }, [path, turn, asked]);
  const refresh = useCallback(() => ask((times) => times + 1), []);
  return { view, why, refresh };
}

function useUpload(path: string, onDone: () => void) {
  const [busy, setBusy] = useState('');
  const [failed, setFailed] = useState<{ file: File; why: string; exists: boolean } | null>(null);
  const send = async (file: File, replace: boolean): Promise<boolean> => {
    setBusy(words.files.uploading(file.name));
    try {
      await put(join(path, file.name), file, replace);
      return true;
    } catch (error) {
      const exists = error instanceof ApiError && error.status === 412;
      setFailed({ file, why: exists ? words.files.exists(file.name) : wordsOf(error), exists });
      return false;
    } finally {
      setBusy('');
    }
  };
  const upload = async (files: readonly File[], replace = false) => {
    setFailed(null);
    for (const file of files) if (!(await send(file, replace))) break;
    onDone();
  };
  const problem = failed && (
    <div className="notice" role="alert">
      <p>{failed.why}</p>
      <p className="notice-actions">
        <button
          type="button"
          className="link-button"
          onClick={() => void upload([failed.file], failed.exists)}
        >
          {failed.exists ? words.files.replace : words.files.tryAgain}
        </button>
        <button type="button" className="link-button" onClick={() => setFailed(null)}>
          {words.files.dismiss}
        </button>
      </p>
    </div>
  );
  return { upload, problem, busy };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : words.files.failed;
}
