import { memo, type ReactNode } from 'react';
import { imageUrl } from '../api.ts';
import type { Prompt, PromptImage } from '../chat/prompt-content.ts';
import { words } from '../words/words.ts';

interface UserMessageProps {
  id?: string;
  prompt: Prompt;
  /** What is known of a prompt that has not started; nothing once it has. */
  status?: string;
  /** What can be done with it. */
  children?: ReactNode;
}

export const UserMessage = memo(function UserMessage(props: UserMessageProps) {
  const { id, prompt, status, children } = props;
  return (
    <div className={status ? 'user-message waiting' : 'user-message'} data-message={id}>
      <h2 className="hidden">{words.thread.youSaid}</h2>
      {prompt.images.length > 0 && <Images images={prompt.images} />}
      {prompt.text !== '' && (
        <div className="bubble" dir="auto">
          {prompt.text}
        </div>
      )}
      {(status || children) && (
        <div className="user-status">
          {status}
          {children}
        </div>
      )}
    </div>
  );
});

function Images({ images }: { images: readonly PromptImage[] }) {
  return (
    <ul className="attachments sent">
      {images.map(({ url }, index) => (
        <li key={url} className="attachment ready">
          <a href={imageUrl(url)} target="_blank" rel="noreferrer">
            <img
              src={imageUrl(url)}
              alt={words.thread.imageAlt(index + 1, images.length)}
              loading="lazy"
            />
          </a>
        </li>
      ))}
    </ul>
  );
}
