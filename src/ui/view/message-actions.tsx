import { type ReactNode, useState } from 'react';
import { threadOf } from '../chat/route.ts';
import { copied } from '../clipboard.ts';
import { linkTo } from '../history/link-to.ts';
import { words } from '../words/words.ts';

/** How long the button says what became of it. */
const SAID_MS = 2_000;

/** Copies the link of a message of the conversation on screen. */
export function CopyLink({ messageId }: { messageId: string }) {
  const copy = async () => {
    const threadId = threadOf(location.hash);
    if (threadId === null) return '';
    const link = linkTo(threadId, messageId);
    if (await copied(link)) return words.thread.linkCopied;
    history.replaceState(null, '', link);
    return words.thread.linkInAddress;
  };
  return <SayingButton onClick={copy}>{words.thread.copyLink}</SayingButton>;
}

/** Copies what Claude said, as markdown. */
export function CopyAnswer({ text }: { text: string }) {
  const copy = async () =>
    (await copied(text)) ? words.view.answerCopied : words.view.copyNotAllowed;
  return <SayingButton onClick={copy}>{words.view.copyAnswer}</SayingButton>;
}

/** A button that says for a moment what became of it, to a screen reader too. */
function SayingButton(props: { onClick: () => Promise<string>; children: ReactNode }) {
  const [said, say] = useState('');
  const press = async () => {
    say(await props.onClick());
    setTimeout(() => say(''), SAID_MS);
  };
  return (
    <>
      <button type="button" className="link-button" onClick={() => void press()}>
        {said || props.children}
      </button>
      <span className="hidden" role="status">
        {said}
      </span>
    </>
  );
}
