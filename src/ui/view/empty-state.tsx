import { lazy, Suspense } from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { patiently } from '../patiently.ts';
import { words } from '../words/words.ts';

const StartOnRepository = lazy(patiently(() => import('./start-on-repository.tsx')));

interface EmptyStateProps {
  client: ChatClient;
  view: ChatView;
  onPick: (text: string) => void;
}

/** A fresh chat: what this is, and three ways to begin. An example goes into the box, it is not sent. */
export function EmptyState({ client, view, onPick }: EmptyStateProps) {
  return (
    <section className="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">{words.view.emptyTitle}</h2>
      <p>{words.view.emptyIntro}</p>
      <ul>
        {words.view.examples.map((text) => (
          <li key={text}>
            <button type="button" onClick={() => onPick(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
      {view.welcome?.offers.repositories && (
        <Suspense fallback={null}>
          <StartOnRepository client={client} repository={view.chosen?.repository ?? null} />
        </Suspense>
      )}
    </section>
  );
}
