import { lazy, memo, Suspense } from 'react';
import { PromptMessage } from '../branches/prompt-message.tsx';
import type { ChatClient } from '../chat/client.ts';
import type { Item, Run } from '../chat/thread.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { Thinking } from './thinking.tsx';
import { ToolCard } from './tool-card.tsx';

/** Most conversations never ask; the card comes with the first that does. */
const Approval = lazy(() => import('./approval.tsx'));

/** One run: the prompt, what Claude said and did, and how it ended. */
export const RunView = memo(function RunView({ run, client }: { run: Run; client: ChatClient }) {
  const prompt = run.items.filter((item) => item.kind === 'user');
  const isOver = run.state !== 'live' && run.state !== 'asking';
  const answer = run.items.filter((item) => item.kind !== 'user');
  return (
    <article className="run">
      {prompt.map((item) => (
        <PromptMessage key={item.id} item={item} isOver={isOver} client={client} />
      ))}
      {answer.length > 0 && run.parentId === null && <h2 className="hidden">Claude said</h2>}
      {answer.map((item) => (
        <ItemView key={item.id} item={item} />
      ))}
      {run.state === 'stopped' && <p className="quiet ending">Stopped.</p>}
      {run.error && (
        <section className="card error-card" aria-label="Error">
          <p>{run.error.message}</p>
          <p className="quiet">
            Code: <code>{run.error.code}</code>
          </p>
        </section>
      )}
      {(run.state === 'asking' || run.state === 'answered') && (
        <Suspense fallback={null}>
          <Approval run={run} onAnswer={(r) => client.answer(run, r)} />
        </Suspense>
      )}
    </article>
  );
});

const ItemView = memo(function ItemView({ item }: { item: Item }) {
  const className = item.nested ? 'item nested' : 'item';
  switch (item.kind) {
    case 'text':
      return (
        <div className={className} data-message={item.id}>
          <Markdown text={item.text} open={item.open} />
        </div>
      );
    case 'thinking':
      return (
        <div className={className}>
          <Thinking item={item} />
        </div>
      );
    case 'tool':
      return (
        <div className={className}>
          <ToolCard tool={item} />
        </div>
      );
    case 'user':
      return null;
  }
});
