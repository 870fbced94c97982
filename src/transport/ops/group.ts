/** Who is seen together: a conversation, the sessions that watch it, and what waits for it. */
import type { Conversation } from '../../machines/conversation.ts';
import type { Parked } from '../../machines/parking.ts';
import type { ActorRegistry } from '../../machines/registry.ts';
import type { ConversationKey } from '../../store/store.ts';
import type { Session } from '../session.ts';

export interface GroupParts {
  readonly sessions: ActorRegistry<Session>;
  readonly conversations: ActorRegistry<Conversation>;
  readonly parked: ActorRegistry<Parked>;
}

/** @param id Of an actor, or of a child as `claude:ID`. */
export function groupOf(id: string, parts: GroupParts): ReadonlySet<string> {
  const own = id.slice(id.indexOf(':') + 1);
  const key = keyOf(own, parts);
  const group = new Set([own]);
  if (key === null) return group;
  const conversation = parts.conversations.get(key);
  if (conversation) group.add(conversation.id);
  for (const session of parts.sessions.values())
    if (watchedBy(session) === key) group.add(session.id);
  const parked = parts.parked.get(key);
  if (parked) group.add(parked.id);
  return group;
}

function keyOf(
  id: string,
  { sessions, conversations, parked }: GroupParts,
): ConversationKey | null {
  const session = sessions.get(id);
  if (session) return watchedBy(session);
  const found =
    conversations.values().find((one) => one.id === id) ??
    parked.values().find((one) => one.id === id);
  return found?.key ?? null;
}

function watchedBy({ prompts }: Session): ConversationKey | null {
  return prompts.peer?.viewer.watched?.key ?? null;
}
