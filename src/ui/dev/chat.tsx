import { useState, useSyncExternalStore } from 'react';
import type { AguiEvent, ServerFrame } from '../../transport/protocol.ts';
import type { ChatView } from '../chat/chat-view.ts';
import { ChatClient } from '../chat/client.ts';
import { Conversation } from '../view/conversation.tsx';
import { kept, welcome } from './fixtures.ts';
import { type State, state } from './state.tsx';

/** A client that never connects, and has heard these frames. */
function clientOf(frames: readonly ServerFrame[]): ChatClient {
  const client = new ChatClient();
  client.store.receive(welcome());
  for (const frame of frames) client.store.receive(frame);
  return client;
}

interface WithClientProps {
  frames?: readonly ServerFrame[];
  /** What the page itself does to it, once. */
  prepare?: (client: ChatClient) => void;
  children: (client: ChatClient, view: ChatView) => React.ReactNode;
}

/** Something that needs a client, with one that has heard `frames`. */
export function WithClient({ frames = [], prepare, children }: WithClientProps) {
  const [client] = useState(() => {
    const made = clientOf(frames);
    prepare?.(made);
    return made;
  });
  const view = useSyncExternalStore(client.store.subscribe, client.store.view);
  return view.welcome && children(client, view);
}

interface ChatProps extends Omit<WithClientProps, 'children'> {
  isLive?: boolean;
}

/** A conversation as the page shows it. */
function Chat({ isLive = true, ...rest }: ChatProps) {
  return (
    <WithClient {...rest}>
      {(client, view) => (
        <Conversation
          view={view}
          isLive={isLive}
          client={client}
          onEdit={() => {}}
          onTakeBack={() => {}}
        />
      )}
    </WithClient>
  );
}

/** A state of the conversation: what the journal says. */
export function said(name: string, events: readonly AguiEvent[], rest: ChatProps = {}): State {
  return state(name, () => <Chat frames={kept(events)} {...rest} />);
}

/** A state of the conversation that the journal does not know: prompts that wait, a line that is gone. */
export function told(name: string, frames: readonly ServerFrame[], rest: ChatProps = {}): State {
  return state(name, () => <Chat frames={frames} {...rest} />);
}
