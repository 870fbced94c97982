import { memo, type ReactNode } from 'react';
import type { Prompt } from '../chat/prompt-content.ts';
import { words } from '../words/words.ts';
import { SentImages } from './sent-images.tsx';

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
      <SentImages images={prompt.images} alt={words.thread.imageAlt} />
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
