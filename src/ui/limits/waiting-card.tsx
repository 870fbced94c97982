import type { LimitName } from '../../transport/protocol.ts';
import { countdown } from '../chat/activity.ts';
import type { Prompt } from '../chat/prompt-content.ts';
import { useNow } from '../view/clock.ts';
import { UserMessage } from '../view/user-message.tsx';
import { words } from '../words/words.ts';
import { whenSentWords } from './limit-words.ts';

interface WaitingCardProps {
  prompt: Prompt;
  limit: LimitName;
  resetAt: number | null;
  onEdit: () => void;
  onTakeBack: () => void;
}

/** A message that a limit holds back, where it will stand once it is sent; why, until when, and the ways out. */
export function WaitingCard({ prompt, limit, resetAt, onEdit, onTakeBack }: WaitingCardProps) {
  return (
    <section className="limit" aria-label={words.limits.waits}>
      <UserMessage prompt={prompt} status={waitingWords(prompt.images.length)} />
      <div className="notice">
        <p>
          <strong>{words.limits.reached[limit]}</strong>{' '}
          {words.limits.sendsItself(whenSentWords(limit, resetAt, Date.now()))}{' '}
          {resetAt !== null && <Left until={resetAt} />}
        </p>
        <p className="notice-actions">
          <button type="button" className="link-button" onClick={onEdit}>
            {words.limits.edit}
          </button>
          <button type="button" className="link-button" onClick={onTakeBack}>
            {words.limits.takeBack}
          </button>
        </p>
      </div>
    </section>
  );
}

function waitingWords(images: number): string {
  return images === 0 ? words.limits.notSent : words.limits.notSentWith(images);
}

/** For the eye alone: who listens was told the clock time. */
function Left({ until }: { until: number }) {
  const left = until - useNow();
  return (
    <span className="left" aria-hidden="true">
      {left > 0 ? words.limits.inTime(countdown(left)) : words.limits.anyMoment}
    </span>
  );
}
