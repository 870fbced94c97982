import { useSyncExternalStore } from 'react';
import type { MatchView } from '../../transport/views.ts';
import type { ChatClient } from '../chat/client.ts';
import { hashOf } from '../chat/route.ts';
import type { Found as FoundConversation } from './conversation-list.ts';
import { reveal } from './reveal.ts';
import type { Search } from './search.ts';

interface FoundProps {
  client: ChatClient;
  search: Search;
  threadId: string | null;
  onOpen: () => void;
}

/** What a search found: conversations, and where in them. */
export function Found({ client, search, threadId, onOpen }: FoundProps) {
  const { state, found, query } = useSyncExternalStore(search.subscribe, search.view);
  if (state === 'failed')
    return (
      <p className="sidebar-note" role="status">
        The search failed.{' '}
        <button type="button" className="link-button" onClick={() => search.type(query)}>
          Try again
        </button>
      </p>
    );
  return (
    <>
      <p className="sidebar-note" role="status">
        {wordsOf(state, found.length)}
      </p>
      <ul className="conversations">
        {found.map((conversation) => (
          <li key={conversation.threadId} className="found-conversation">
            <a
              className={conversation.threadId === threadId ? 'found-title current' : 'found-title'}
              href={hashOf(conversation.threadId)}
              onClick={onOpen}
            >
              {conversation.title}
            </a>
            <Matches
              conversation={conversation}
              onChoose={(match) => {
                onOpen();
                void reveal(client, conversation.threadId, match.messageId);
              }}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function wordsOf(state: string, count: number): string {
  if (state === 'searching' && count === 0) return 'Searching…';
  if (count === 0) return 'Nothing found.';
  return count === 1 ? 'One conversation' : `${count} conversations`;
}

interface MatchesProps {
  conversation: FoundConversation;
  onChoose: (match: MatchView) => void;
}

function Matches({ conversation: { matches = [] }, onChoose }: MatchesProps) {
  return matches.map((match) => (
    <button key={match.messageId} type="button" className="match" onClick={() => onChoose(match)}>
      <span className="match-who">{match.role === 'user' ? 'You' : 'Claude'}</span>{' '}
      {match.snippet.map(({ text, hit }, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move
        hit ? <mark key={i}>{text}</mark> : <span key={i}>{text}</span>,
      )}
    </button>
  ));
}
