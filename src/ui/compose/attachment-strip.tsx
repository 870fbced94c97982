import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react';
import { imageUrl } from '../api.ts';
import { words } from '../words/words.ts';
import type { Attachment, Attachments, ImageOffer } from './attachments.ts';

interface StripProps {
  attachments: Attachments;
  /** Null: there is nobody to look at images. */
  offer: ImageOffer | null;
  box: RefObject<HTMLTextAreaElement | null>;
  /** Why something was not taken. */
  onRefused: (why: string) => void;
}

/** The images of the prompt being written; takes what is pasted into the box or dropped on the page. */
export default function AttachmentStrip({ attachments, offer, box, onRefused }: StripProps) {
  const items = useSyncExternalStore(attachments.subscribe, attachments.view);
  const isDropping = useFiles(box, (files) => {
    if (offer === null) onRefused(words.compose.noImagesHere);
    else for (const why of attachments.add(files, offer)) onRefused(why);
  });
  return (
    <>
      {isDropping && (
        <div className="drop-zone" aria-hidden="true">
          {offer ? words.compose.dropHere : words.compose.noImagesHere}
        </div>
      )}
      {items.length > 0 && (
        <ul className="attachments" aria-label={words.compose.images}>
          {items.map((item) => (
            <Thumbnail key={item.key} item={item} attachments={attachments} />
          ))}
        </ul>
      )}
    </>
  );
}

function Thumbnail({ item, attachments }: { item: Attachment; attachments: Attachments }) {
  const { key, name, state, url, why } = item;
  return (
    <li className={`attachment ${state}`}>
      {state === 'ready' && <img src={imageUrl(url)} alt={name} />}
      {state === 'uploading' && (
        <span className="attachment-state" role="status">
          {words.compose.uploading(name)}
        </span>
      )}
      {state === 'failed' && (
        <span className="attachment-state" role="alert">
          {words.compose.uploadFailed(name, why ?? '')}
          <button type="button" className="link-button" onClick={() => attachments.retry(key)}>
            {words.compose.tryAgain}
          </button>
        </span>
      )}
      <button
        type="button"
        className="attachment-remove"
        aria-label={words.compose.remove(name)}
        onClick={() => attachments.remove(key)}
      >
        <span aria-hidden="true">×</span>
      </button>
    </li>
  );
}

/** Hears of files that come by paste or drop. Returns whether some are being dragged over the page. */
function useFiles(box: StripProps['box'], take: (files: File[]) => void): boolean {
  const [isDropping, setDropping] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const listen = <K extends 'dragover' | 'dragleave' | 'drop'>(
      type: K,
      on: (event: DragEvent) => void,
    ) => addEventListener(type, on, { signal });
    listen('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setDropping(true);
    });
    listen('dragleave', (event) => {
      if (event.relatedTarget === null) setDropping(false);
    });
    listen('drop', (event) => {
      setDropping(false);
      if (event.defaultPrevented || !event.dataTransfer?.files.length) return;
      event.preventDefault();
      take([...event.dataTransfer.files]);
    });
    box.current?.addEventListener(
      'paste',
      (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length === 0) return;
        // Where there are words too, as from an office program, the box takes them.
        if (!event.clipboardData?.getData('text/plain')) event.preventDefault();
        take(files);
      },
      { signal },
    );
    return () => listening.abort();
  });
  return isDropping;
}
