import { lazy, memo, Suspense } from 'react';
import type { BranchMap } from '../branches/branches.ts';
import { PromptMessage } from '../branches/prompt-message.tsx';
import type { ChatClient } from '../chat/client.ts';
import { outline } from '../chat/outline.ts';
import type { Run } from '../chat/thread.ts';
import { ReceiptCard } from '../limits/receipt-card.tsx';
import { patiently } from '../patiently.ts';
import { words } from '../words/words.ts';
import { EntryView } from './entry-view.tsx';
import { RunFooter } from './run-footer.tsx';

/** Most conversations never ask; the card comes with the first that does. */
const Approval = lazy(patiently(() => import('../approvals/approval.tsx')));

/** Most answers end well. */
const ErrorCard = lazy(patiently(() => import('../trust/error-card.tsx')));

interface RunViewProps {
  run: Run;
  /** From 1, and of how many; null while that is not known. */
  place: number | null;
  total: number | null;
  threadId: string | null;
  branches: BranchMap;
  client: ChatClient;
}

/** One run: the prompt, what Claude said and did, and how it ended. */
export const RunView = memo(function RunView(props: RunViewProps) {
  const { run, place, total, threadId, branches, client } = props;
  const isOver = run.state !== 'live' && run.state !== 'asking';
  const answer = outline(run);
  return (
    <article className="run" aria-posinset={place ?? undefined} aria-setsize={total ?? undefined}>
      {run.items.map(
        (item) =>
          item.kind === 'user' && (
            <PromptMessage
              key={item.id}
              item={item}
              isOver={isOver}
              branches={branches}
              client={client}
            />
          ),
      )}
      {answer.length > 0 && run.parentId === null && (
        <h2 className="hidden">{words.thread.claudeSaid}</h2>
      )}
      {answer.map((entry) => (
        <EntryView key={entry.key} entry={entry} threadId={threadId} />
      ))}
      {run.state === 'stopped' && <p className="quiet ending">{words.thread.stopped}</p>}
      {run.receipt && <ReceiptCard receipt={run.receipt} />}
      {run.error && !run.receipt && (
        <Suspense fallback={null}>
          <ErrorCard error={run.error} client={client} />
        </Suspense>
      )}
      {(run.state === 'asking' || run.state === 'answered') && (
        <Suspense fallback={null}>
          <Approval run={run} onAnswer={(r) => client.answer(run, r)} />
        </Suspense>
      )}
      {isOver && run.state !== 'answered' && <RunFooter run={run} client={client} />}
    </article>
  );
});
