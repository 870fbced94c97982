import { memo } from 'react';

interface UserMessageProps {
  id?: string;
  text: string;
  /** What is known of a prompt that has not started; nothing once it has. */
  status?: string;
  onTakeBack?: () => void;
}

export const UserMessage = memo(function UserMessage(props: UserMessageProps) {
  const { id, text, status, onTakeBack } = props;
  return (
    <div className={status ? 'user-message waiting' : 'user-message'} data-message={id}>
      <h2 className="hidden">You said</h2>
      <div className="bubble">{text}</div>
      {status && (
        <p className="user-status">
          {status}
          {onTakeBack && (
            <button type="button" className="link-button" onClick={onTakeBack}>
              Take back
            </button>
          )}
        </p>
      )}
    </div>
  );
});
