import { useBranches } from '../branches/use-branches.ts';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { isParked } from '../chat/parked.ts';
import { promptOfPending } from '../chat/prompt-content.ts';
import { queueWords } from '../limits/limit-words.ts';
import { WaitingCard } from '../limits/waiting-card.tsx';
import { words } from '../words/words.ts';
import { ActivityLine } from './activity-line.tsx';
import { EarlierMessages } from './earlier-messages.tsx';
import { Stretches } from './stretches.tsx';
import { useMessageLink } from './use-message-link.ts';
import { UserMessage } from './user-message.tsx';

interface ConversationProps {
  view: ChatView;
  isLive: boolean;
  client: ChatClient;
  /** Takes a prompt back that has not started, into the composer, to be changed there. */
  onEdit: (runId: string) => void;
  onTakeBack: (runId: string) => void;
}

/** All that was said, then what is still on its way. */
export function Conversation(props: ConversationProps) {
  const { view, isLive, client, onEdit, onTakeBack } = props;
  const branches = useBranches(view.threadId, view.runs.at(-1)?.id ?? null);
  useMessageLink(client);
  const queued = view.pending.filter(({ why }) => why === 'queued');
  return (
    <div className="conversation">
      {view.before !== null && <EarlierMessages key={view.threadId} client={client} />}
      {view.runs.length > 0 && (
        <Stretches
          key={`runs of ${view.threadId}`}
          runs={view.runs}
          isWhole={view.before === null}
          threadId={view.threadId}
          branches={branches}
          client={client}
        />
      )}
      <ActivityLine view={view} isLive={isLive} />
      {queued.map((item) => (
        <UserMessage
          key={item.runId}
          prompt={promptOfPending(item)}
          status={queueWords(item.waitsFor, item.position)}
        >
          {item.waitsFor !== 'room' && (
            <Action onClick={() => client.sendNow(item.runId)}>{words.thread.sendNow}</Action>
          )}
          <Action onClick={() => onTakeBack(item.runId)}>{words.thread.takeBack}</Action>
        </UserMessage>
      ))}
      {view.pending.filter(isParked).map((item) => (
        <WaitingCard
          key={item.runId}
          prompt={promptOfPending(item)}
          limit={item.limit ?? 'hour'}
          resetAt={item.resetAt ?? null}
          onEdit={() => onEdit(item.runId)}
          onTakeBack={() => onTakeBack(item.runId)}
        />
      ))}
      {view.sending.map((prompt) =>
        view.throttled?.parked && view.throttled.runId === prompt.runId ? (
          <WaitingCard
            key={prompt.runId}
            prompt={prompt}
            limit={view.throttled.limit}
            resetAt={view.throttled.resetAt}
            onEdit={() => onEdit(prompt.runId)}
            onTakeBack={() => onTakeBack(prompt.runId)}
          />
        ) : (
          <UserMessage
            key={prompt.runId}
            prompt={prompt}
            status={isLive ? words.thread.sending : words.thread.sentLater}
          >
            {!isLive && (
              <Action onClick={() => onTakeBack(prompt.runId)}>{words.thread.takeBack}</Action>
            )}
          </UserMessage>
        ),
      )}
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
