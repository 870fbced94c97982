import { lazy, Suspense } from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { patiently } from '../patiently.ts';

const EXAMPLES = [
  'What does this project do, and how is it laid out?',
  'Find one bug worth fixing and show me the fix.',
  'Write a small script that renames my photos by date.',
];

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
      <h2 id="empty-title">What shall we work on?</h2>
      <p>
        Claude Code works in your workspace: it reads and writes files and runs commands, and asks
        before it does anything that needs your approval.
      </p>
      <ul>
        {EXAMPLES.map((text) => (
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
