import { memo } from 'react';
import { outline } from '../chat/outline.ts';
import type { Run, UserItem } from '../chat/thread.ts';
import { saidOf } from '../fault-words.ts';
import { EntryView } from '../view/entry-view.tsx';
import { SentImages } from '../view/sent-images.tsx';
import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';

/** One run as a reader sees it: what was said and done, and nothing to press. */
export const SharedRun = memo(function SharedRun({ run, by }: { run: Run; by: string }) {
  const said = words.share;
  const answer = outline(run);
  return (
    <article className="run">
      {run.items.map(
        (item) => item.kind === 'user' && <Prompt key={item.id} item={item} by={by} />,
      )}
      {answer.length > 0 && run.parentId === null && <h2 className="hidden">{said.claudeSaid}</h2>}
      {answer.map((entry) => (
        // The whole of a result that is cut is the owner's alone.
        <EntryView key={entry.key} entry={entry} threadId={null} />
      ))}
      {run.state === 'stopped' && <p className="quiet ending">{said.stopped}</p>}
      {run.error && (
        <section className="card error-card" aria-label={said.error}>
          <p>{saidOf(run.error.code, run.error.message)}</p>
          <p className="quiet">
            {said.code} <code>{run.error.code}</code>
          </p>
        </section>
      )}
      {run.state === 'asking' && (
        <p className="card shared-asking">{said.asked(by, toolsOf(run))}</p>
      )}
    </article>
  );
});

function Prompt({ item: { id, text, images }, by }: { item: UserItem; by: string }) {
  return (
    <div className="user-message" data-message={id}>
      <h2 className="hidden">{words.share.said(by)}</h2>
      <SentImages images={images} alt={(place, count) => words.share.image(by, place, count)} />
      {text !== '' && (
        <div className="bubble" dir="auto">
          {text}
        </div>
      )}
    </div>
  );
}

function toolsOf({ asks }: Run): string {
  const names = asks.map(({ metadata }) => String(metadata?.toolName ?? ''));
  return new Intl.ListFormat(locale()).format(new Set(names.filter(Boolean)));
}
