import { memo } from 'react';
import { imageUrl } from '../api.ts';
import { type Entry, outline } from '../chat/outline.ts';
import type { Run, UserItem } from '../chat/thread.ts';
import { ItemView } from '../view/item-view.tsx';
import { LaneView } from '../view/lane-view.tsx';
import { TodoList } from '../view/todo-list.tsx';
import { language, words } from '../words/words.ts';

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
        <EntryView key={entry.key} entry={entry} />
      ))}
      {run.state === 'stopped' && <p className="quiet ending">{said.stopped}</p>}
      {run.error && (
        <section className="card error-card" aria-label={said.error}>
          <p>{run.error.message}</p>
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

// No thread id: the whole of a result that is cut is the owner's alone.
function EntryView({ entry }: { entry: Entry }) {
  switch (entry.kind) {
    case 'item':
      return <ItemView item={entry.item} threadId={null} />;
    case 'lane':
      return <LaneView lane={entry.lane} call={entry.call} items={entry.items} threadId={null} />;
    case 'todos':
      return <TodoList todos={entry.todos} />;
  }
}

function Prompt({ item: { id, text, images }, by }: { item: UserItem; by: string }) {
  return (
    <div className="user-message" data-message={id}>
      <h2 className="hidden">{words.share.said(by)}</h2>
      {images.length > 0 && (
        <ul className="attachments sent">
          {images.map(({ url }, index) => (
            <li key={url} className="attachment ready">
              <a href={imageUrl(url)} target="_blank" rel="noreferrer">
                <img
                  src={imageUrl(url)}
                  alt={words.share.image(by, index + 1, images.length)}
                  loading="lazy"
                />
              </a>
            </li>
          ))}
        </ul>
      )}
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
  return new Intl.ListFormat(language).format(new Set(names.filter(Boolean)));
}
