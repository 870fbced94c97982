/** Living actors as the operators' list shows them. */
import type { Conversation } from '../../machines/conversation.ts';
import { childId } from '../../machines/inspection/hub.ts';
import { stateName } from '../../machines/inspection/shown.ts';
import type { Parked } from '../../machines/parking.ts';
import type { ActorRegistry } from '../../machines/registry.ts';
import { type ConversationKey, userOf } from '../../store/store.ts';
import type { Fanout } from '../fanout.ts';
import type { Session } from '../session.ts';
import type { ActorRow } from './protocol.ts';
import type { Rates } from './rates.ts';

export interface RowParts {
  readonly sessions: ActorRegistry<Session>;
  readonly conversations: ActorRegistry<Conversation>;
  readonly parked: ActorRegistry<Parked>;
  readonly fanout: Pick<Fanout, 'behind'>;
  /** Resident bytes of a process and what it started, as they were looked at last. */
  readonly memoryOf: (process: object, pid: number) => number | undefined;
  readonly isRecorded: (sessionId: string) => boolean;
  readonly rates: Rates;
}

export function rowsOf(parts: RowParts): ActorRow[] {
  const deltas = parts.conversations
    .values()
    .map(({ id, actor }) => [id, actor.getSnapshot().context.deltas] as const);
  const rates = parts.rates.of(new Map(deltas));
  const idOf = (key: ConversationKey) => parts.conversations.get(key)?.id;
  return [
    ...parts.conversations
      .values()
      .flatMap((one) => conversationRows(one, parts.memoryOf, rates.get(one.id) ?? 0)),
    ...parts.sessions.values().map((one) => sessionRow(one, parts, idOf)),
    ...parts.parked.values().map((one) => parkedRow(one, idOf)),
  ];
}

function conversationRows(
  conversation: Conversation,
  memoryOf: RowParts['memoryOf'],
  tokensPerSecond: number,
): ActorRow[] {
  const { id, key, actor, tape, startedAt } = conversation;
  const { value, context, children } = actor.getSnapshot();
  const state = stateName(value);
  const [user, fault] = [userOf(key), tape.fault];
  const row: ActorRow = {
    ...{ id, kind: 'conversation', state, user, since: tape.since },
    ...(context.run !== null && { run: context.run }),
    ...(context.queue.length > 0 && { queue: context.queue.length }),
    ...(tokensPerSecond > 0 && { tokensPerSecond }),
    ...(fault !== null && { fault }),
  };
  if (!children.claude) return [row];
  const { pid } = context;
  const residentBytes = pid === null ? undefined : memoryOf(children.claude, pid);
  const child: ActorRow = {
    ...{ id: childId('claude', id), kind: 'claude', state: state.split('.').at(-1) ?? '', user },
    ...{ since: pid === null ? tape.since : (startedAt ?? tape.since), of: id },
    ...(pid !== null && { pid }),
    ...(residentBytes !== undefined && { residentBytes }),
  };
  return [row, child];
}

function sessionRow(
  { id, since, actor, prompts }: Session,
  { fanout, isRecorded }: RowParts,
  idOf: (key: ConversationKey) => string | undefined,
): ActorRow {
  const { value, context } = actor.getSnapshot();
  const watched = prompts.peer?.viewer.watched ?? null;
  const of = watched === null ? undefined : idOf(watched.key);
  const behind = watched === null ? 0 : fanout.behind(watched.key, watched.at?.seq ?? 0);
  const unsentBytes = prompts.peer?.outbox.unsentBytes ?? 0;
  return {
    ...{ id, kind: 'session', state: stateName(value), since },
    user: context.identity?.user ?? null,
    ...(of !== undefined && { of }),
    ...(context.run !== null && { run: context.run }),
    ...(behind > 0 && { behind }),
    ...(unsentBytes > 0 && { unsentBytes }),
    ...(isRecorded(id) && { recorded: true }),
  };
}

function parkedRow(
  { id, since, key, command, actor }: Parked,
  idOf: (key: ConversationKey) => string | undefined,
): ActorRow {
  const of = idOf(key);
  return {
    ...{ id, kind: 'parked', state: stateName(actor.getSnapshot().value), since },
    user: userOf(key),
    run: command.runId,
    ...(of !== undefined && { of }),
  };
}
