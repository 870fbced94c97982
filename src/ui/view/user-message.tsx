import { memo } from 'react';

interface UserMessageProps {
  text: string;
  /** What is known of a prompt that has not started; nothing once it has. */
  status?: string;
  onTakeBack?: () => void;
}

export const UserMessage = memo(function UserMessage(props: UserMessageProps) {
  const { text, status, onTakeBack } = props;
  return (
    <div className={status ? 'user-message waiting' : 'user-message'}>
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
