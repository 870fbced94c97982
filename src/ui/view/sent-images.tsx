import { imageUrl } from '../api.ts';
import type { PromptImage } from '../chat/prompt-content.ts';

interface SentImagesProps {
  images: readonly PromptImage[];
  /** What a screen reader hears of one, counted from 1. */
  alt: (place: number, count: number) => string;
}

/** The images of a prompt, each a link to itself; nothing where there are none. */
export function SentImages({ images, alt }: SentImagesProps) {
  if (images.length === 0) return null;
  return (
    <ul className="attachments sent">
      {images.map(({ url }, index) => (
        <li key={url} className="attachment ready">
          <a href={imageUrl(url)} target="_blank" rel="noreferrer">
            <img src={imageUrl(url)} alt={alt(index + 1, images.length)} loading="lazy" />
          </a>
        </li>
      ))}
    </ul>
  );
}
