import { useBranches } from '../branches/use-branches.ts';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { promptOfPending } from '../chat/prompt-content.ts';
import { ActivityLine } from './activity-line.tsx';
import { EarlierMessages } from './earlier-messages.tsx';
import { RunView } from './run-view.tsx';
import { UserMessage } from './user-message.tsx';

interface ConversationProps {
  view: ChatView;
  isLive: boolean;
  client: ChatClient;
}

/** All that was said, then what is still on its way. */
export function Conversation({ view, isLive, client }: ConversationProps) {
  const branches = useBranches(view.threadId, view.runs.at(-1)?.id ?? null);
  const queued = view.pending.filter(({ why }) => why === 'queued');
  return (
    <div className="conversation">
      {view.before !== null && <EarlierMessages key={view.threadId} client={client} />}
      {view.runs.map((run) => (
        <RunView
          key={run.id}
          run={run}
          threadId={view.threadId}
          branches={branches}
          client={client}
        />
      ))}
      <ActivityLine runs={view.runs} isLive={isLive} />
      {queued.map((item) => (
        <UserMessage
          key={item.runId}
          prompt={promptOfPending(item)}
          status={item.position === undefined ? 'Queued' : `Queued, number ${item.position}`}
        >
          <Action onClick={() => client.sendNow(item.runId)}>Send now</Action>
          <Action onClick={() => client.takeBack(item.runId)}>Take back</Action>
        </UserMessage>
      ))}
      {view.sending.map((prompt) => (
        <UserMessage
          key={prompt.runId}
          prompt={prompt}
          status={sendingWords(prompt.runId === view.throttled?.runId, isLive)}
        >
          {!isLive && <Action onClick={() => client.takeBack(prompt.runId)}>Take back</Action>}
        </UserMessage>
      ))}
    </div>
  );
}

function Action({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button type="button" className="link-button" onClick={onClick}>
      {children}
    </button>
  );
}

function sendingWords(isParked: boolean, isLive: boolean): string {
  if (!isLive) return 'Will be sent when the connection is back';
  return isParked ? 'Waits for its limit, see below' : 'Sending…';
}
