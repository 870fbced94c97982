import { useRef } from 'react';
import type { Attachments, ImageOffer } from '../compose/attachments.ts';
import { words } from '../words/words.ts';

interface AttachButtonProps {
  attachments: Attachments;
  offer: ImageOffer;
  onRefused: (why: string) => void;
}

/** Picks images from the device: the way for those who cannot drag or paste. */
export function AttachButton({ attachments, offer, onRefused }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="button quiet-button icon-button"
        aria-label={words.compose.addImages}
        title={words.compose.addImages}
        onClick={() => input.current?.click()}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <rect x="2.5" y="3.5" width="15" height="13" rx="2.5" />
          <circle cx="7" cy="8" r="1.5" />
          <path d="m3 15 4.5-4 3 2.5 3-3L17 14" />
        </svg>
      </button>
      <input
        ref={input}
        type="file"
        className="hidden"
        tabIndex={-1}
        aria-hidden="true"
        accept={offer.types.join(',')}
        multiple
        onChange={({ target }) => {
          for (const why of attachments.add([...(target.files ?? [])], offer)) onRefused(why);
          target.value = ''; // the same file may be picked again
        }}
      />
    </>
  );
}
