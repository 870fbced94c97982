import { useSyncExternalStore } from 'react';
import type { MatchView } from '../../transport/views.ts';
import type { ChatClient } from '../chat/client.ts';
import { hashOf } from '../chat/route.ts';
import { words } from '../words/words.ts';
import type { Found as FoundConversation } from './conversation-list.ts';
import { reveal } from './reveal.ts';
import { useRoving } from './roving.ts';
import type { Search, SearchView } from './search.ts';

interface FoundProps {
  client: ChatClient;
  search: Search;
  threadId: string | null;
  onOpen: () => void;
  onLeave: () => void;
}

/** What a search found: conversations, and where in them; arrow keys go through both, Escape leaves. */
export function Found({ client, search, threadId, onOpen, onLeave }: FoundProps) {
  const { state, found, query } = useSyncExternalStore(search.subscribe, search.view);
  const roving = useRoving(found.flatMap(stopsOf), threadId);
  if (state === 'failed')
    return (
      <p className="sidebar-note" role="status">
        {words.history.searchFailed}{' '}
        <button type="button" className="link-button" onClick={() => search.type(query)}>
          {words.history.tryAgain}
        </button>
      </p>
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the links in it, heard once
    <div
      ref={roving.root}
      onKeyDown={(event) => {
        roving.onKeyDown(event);
        if (event.key !== 'Escape') return;
        event.preventDefault(); // the drawer stays
        onLeave();
      }}
    >
      <p className="sidebar-note" role="status">
        {wordsOf(state, found.length)}
      </p>
      <ul className="conversations">
        {found.map((conversation) => (
          <li key={conversation.threadId} className="found-conversation">
            <a
              {...roving.stopProps(conversation.threadId)}
              className={conversation.threadId === threadId ? 'found-title current' : 'found-title'}
              aria-current={conversation.threadId === threadId ? 'page' : undefined}
              href={hashOf(conversation.threadId)}
              onClick={onOpen}
            >
              <span className="found-words" dir="auto">
                {conversation.title}
              </span>
            </a>
            {(conversation.matches ?? []).map((match) => (
              <Match
                key={match.messageId}
                match={match}
                stop={roving.stopProps(stopOf(conversation, match))}
                onChoose={() => {
                  onOpen();
                  void reveal(client, conversation.threadId, match.messageId);
                }}
              />
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}

function stopsOf(conversation: FoundConversation): string[] {
  const { threadId, matches = [] } = conversation;
  return [threadId, ...matches.map((match) => stopOf(conversation, match))];
}

function stopOf({ threadId }: FoundConversation, { messageId }: MatchView): string {
  return `${threadId}/${messageId}`;
}

function wordsOf(state: SearchView['state'], count: number): string {
  const { searching, nothingFound, found } = words.history;
  if (state === 'searching' && count === 0) return searching;
  return count === 0 ? nothingFound : found(count);
}

interface MatchProps {
  match: MatchView;
  stop: ReturnType<ReturnType<typeof useRoving>['stopProps']>;
  onChoose: () => void;
}

function Match({ match: { role, snippet }, stop, onChoose }: MatchProps) {
  return (
    <button {...stop} type="button" className="match" onClick={onChoose}>
      <span className="match-who">
        {role === 'user' ? words.history.you : words.history.claude}
      </span>{' '}
      <bdi>
        {snippet.map(({ text, hit }, i) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move
          hit ? <mark key={i}>{text}</mark> : <span key={i}>{text}</span>,
        )}
      </bdi>
    </button>
  );
}
