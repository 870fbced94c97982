import { useState } from 'react';
import { answerOf, promptOfTurn } from '../chat/answer.ts';
import type { ChatClient } from '../chat/client.ts';
import type { Run, UserItem } from '../chat/thread.ts';
import { words } from '../words/words.ts';
import { CopyAnswer, CopyLink } from './message-actions.tsx';
import { UsageLine } from './usage-line.tsx';

/** Under a run that is over: what it took, and what can be done with its answer. */
export function RunFooter({ run, client }: { run: Run; client: ChatClient }) {
  const { text, messageId } = answerOf(run);
  const prompt = promptOfTurn(client.store.view().runs, run);
  if (!run.usage && text === '' && !prompt) return null;
  return (
    <div className="run-footer">
      {run.usage && <UsageLine usage={run.usage} />}
      {/* biome-ignore lint/a11y/useSemanticElements: no fields are grouped here */}
      <div
        className={`answer-actions ${run.error ? 'needed' : ''}`}
        role="group"
        aria-label={words.view.answerActions}
      >
        {text !== '' && <CopyAnswer text={text} />}
        {messageId !== null && <CopyLink messageId={messageId} />}
        {prompt && <RetryButton prompt={prompt} client={client} />}
      </div>
    </div>
  );
}

/** Says the prompt again, in a branch that begins before it. */
function RetryButton({ prompt, client }: { prompt: UserItem; client: ChatClient }) {
  const [state, setState] = useState<'idle' | 'sending'>('idle');
  const [why, setWhy] = useState('');
  const retry = async () => {
    const { threadId } = client.store.view();
    if (state === 'sending' || threadId === null || prompt.runId === null) return;
    setState('sending');
    setWhy('');
    try {
      const { fork } = await import('../branches/branch-api.ts');
      const branch = await fork(threadId, prompt.runId);
      client.sendIn(branch.threadId, { text: prompt.text, images: prompt.images });
    } catch (error) {
      setWhy(error instanceof Error ? error.message : words.view.retryFailed);
    }
    setState('idle');
  };
  return (
    <>
      <button
        type="button"
        className="link-button"
        title={words.view.retryTitle}
        aria-disabled={state === 'sending'}
        onClick={() => void retry()}
      >
        {state === 'sending' ? words.view.retrySending : words.view.retry}
      </button>
      {why && (
        <span className="retry-why" role="alert">
          {why}
        </span>
      )}
    </>
  );
}
