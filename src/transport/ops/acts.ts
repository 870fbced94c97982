/** What operators do; each is written to the log, with who did it. */
import { FaultError } from '../../faults.ts';
import type { Conversation } from '../../machines/conversation.ts';
import type { Recorder } from '../../machines/inspection/recorder.ts';
import type { ActorRegistry } from '../../machines/registry.ts';
import type { Log } from '../../telemetry/log.ts';
import type { SignIns } from '../auth/sign-ins.ts';
import type { Session } from '../session.ts';
import type { OpsAct } from './protocol.ts';

export interface ActsParts {
  readonly sessions: ActorRegistry<Session>;
  readonly conversations: ActorRegistry<Conversation>;
  readonly signIns: Pick<SignIns, 'endAll'>;
  readonly recorder: Recorder;
  /** As a signal to end would. */
  readonly drain: () => void;
  readonly log: Log;
}

/** Does it. @returns The name of the capsule that was kept; null where none was. @throws {FaultError} Why not. */
export async function perform(act: OpsAct, by: string, parts: ActsParts): Promise<string | null> {
  const { sessions, conversations, signIns, recorder, drain, log } = parts;
  log.info({ audit: 'operator', by, ...act }, 'an operator acted');
  switch (act.act) {
    case 'capsule':
      return recorder.keep(act.actor);
    case 'record':
      recorder.record(sessionIn(sessions, act.actor));
      break;
    case 'interrupt': {
      const { actor } = conversationIn(conversations, act.actor);
      const runId = actor.getSnapshot().context.run;
      if (runId === null) throw new FaultError('run.unknown');
      actor.send({ type: 'user.abort', runId });
      break;
    }
    case 'stopProcess':
      conversationIn(conversations, act.actor).actor.send({ type: 'conversation.stop' });
      break;
    case 'closeSession':
      sessionIn(sessions, act.actor).actor.send({ type: 'client.fault', fault: 'session.closed' });
      break;
    case 'signOut':
      await signIns.endAll(act.user);
      break;
    case 'drain':
      drain();
      break;
    case 'logLevel':
      log.level = act.level;
      break;
  }
  return null;
}

function conversationIn(conversations: ActorRegistry<Conversation>, id: string): Conversation {
  const conversation = conversations.values().find((one) => one.id === id);
  if (conversation === undefined) throw new FaultError('actor.unknown');
  return conversation;
}

function sessionIn(sessions: ActorRegistry<Session>, id: string): Session {
  const session = sessions.get(id);
  if (session === undefined) throw new FaultError('actor.unknown');
  return session;
}
