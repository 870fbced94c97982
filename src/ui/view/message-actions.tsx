import { useState } from 'react';
import { threadOf } from '../chat/route.ts';
import { messageLink } from '../history/message-link.ts';
import { words } from '../words/words.ts';

/** How long the button says what became of it. */
const SAID_MS = 2_000;

/** Copies the link of a message of the conversation on screen. */
export function CopyLink({ messageId }: { messageId: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'inAddress'>('idle');
  const copy = async () => {
    const threadId = threadOf(location.hash);
    if (threadId === null) return;
    const link = messageLink(threadId, messageId);
    try {
      await navigator.clipboard.writeText(link);
      setState('copied');
    } catch {
      // Browsers allow it on https and on loopback only.
      history.replaceState(null, '', link);
      setState('inAddress');
    }
    setTimeout(() => setState('idle'), SAID_MS);
  };
  const { copyLink, linkCopied, linkInAddress } = words.thread;
  const said = { idle: '', copied: linkCopied, inAddress: linkInAddress }[state];
  return (
    <>
      <button type="button" className="link-button" onClick={() => void copy()}>
        {said || copyLink}
      </button>
      <span className="hidden" role="status">
        {said}
      </span>
    </>
  );
}
