/** Makes a conversation live: its lease on the store, where Claude's memory of it begins, and its hands. */
import type { Agent } from '../claude/agent.ts';
import type { Credentials } from '../claude/credentials.ts';
import type { ClaudeInput } from '../claude/facts.ts';
import {
  type ClaudeSettings,
  launchClaude,
  transcriptFile,
  transcriptPlace,
} from '../claude/launch.ts';
import { type Origin, originOf } from '../claude/origin.ts';
import type { UnknownLines } from '../claude/unknown-lines.ts';
import { openWorkspace } from '../claude/workspace.ts';
import { faultIn } from '../faults.ts';
import type { ConversationFact } from '../store/conversation-fact.ts';
import { Journal } from '../store/journal.ts';
import { type ConversationKey, type Lease, type Store, userOf } from '../store/store.ts';
import { TITLE_MAX } from '../store/titles.ts';
import { untilRoom } from '../store/until-room.ts';
import type { Log } from '../telemetry/log.ts';
import type { RunTimer } from '../telemetry/run-meter.ts';
import type { Choice } from '../transport/protocol.ts';
import type { Admission } from './admission.ts';
import type { Choices } from './choices.ts';
import { conversationMachine } from './conversation.machine.ts';
import { Conversation } from './conversation.ts';
import { imagesIn } from './images.ts';
import type { RunGate } from './run-gate.ts';
import { Transcripts } from './transcripts.ts';

export interface ConversationWiring {
  readonly store: Store;
  readonly agent: Agent;
  readonly settings: ClaudeSettings;
  /** What the next process reaches the API with. */
  readonly credentials: () => Credentials;
  readonly choices: Choices;
  /** Of a user, in a day; null: as many as they like. */
  readonly tokensMax: (user: string) => number | null;
  readonly processIdleMs: number;
  readonly stallMs: number;
  /** Whether Claude finds a title for each conversation. */
  readonly claudeTitles: boolean;
  readonly log: Log;
  readonly runs: RunTimer;
  readonly newUuid: () => string;
  readonly clock: ClaudeInput['clock'];
  /** Hears the facts of every conversation. */
  readonly onFact: (key: ConversationKey, fact: ConversationFact) => void;
  /** Tests swap the claude actor here. */
  readonly machine?: typeof conversationMachine;
}

/** What conversations share. */
export interface SharedParts {
  readonly admission: Admission;
  readonly gate: RunGate;
  readonly unknownLines: UnknownLines;
  readonly redact: (words: string) => string;
}

export async function startConversation(
  key: ConversationKey,
  parts: ConversationWiring & SharedParts,
): Promise<Conversation> {
  const { store, settings, choices, clock, onFact } = parts;
  const user = userOf(key);
  const lease = await store.acquire(key);
  const choice = await choices.of(key);
  await openWorkspace(settings, user);
  const log = parts.log.child({ conversation: lease.sessionId });
  let set = () => choice;
  const transcripts = new Transcripts({
    cluster: store.cluster,
    lease,
    fileOf: (sessionId) =>
      transcriptFile(transcriptPlace(settings, user, set().repository), sessionId),
    onError: (error) => log.error({ err: error }, 'the transcript could not be kept'),
  });
  await transcripts.restore();
  const origin = await originIn(lease, choice, parts);
  const appendEnd: Store['append'] = async (...appended) => {
    // Once an end is seen, the next owner has Claude's memory of it; what the CLI writes later is kept later.
    await transcripts.keep();
    await store.append(...appended);
    void transcripts.keep();
  };
  const journal = new Journal({
    store: {
      append: (...appended) => {
        const isEnd = appended[1].some(({ marks }) => marks === 'runEnded');
        return isEnd ? appendEnd(...appended) : store.append(...appended);
      },
      release: async (given) => {
        await transcripts.keep();
        await store.release(given);
      },
    },
    lease,
    clock,
    onDrained: () => conversation.drained(),
    onFull: () => log.warn('the disk is full: the journal waits for room'),
    onFailed: (error) => {
      log.error({ err: error }, 'the journal failed');
      conversation.actor.send({ type: 'journal.failed' });
      onFact(key, { type: 'journalFailed', fault: faultIn(error) });
    },
  });
  const orLog = (kept: Promise<unknown>, what: string) =>
    void kept.catch((error: unknown) => log.error({ err: error }, `${what} could not be kept`));
  const conversation: Conversation = new Conversation({
    journal,
    machine: parts.machine ?? conversationMachine,
    choice,
    mayExpand: (text, set) => choices.mayExpand(user, text, set),
    processIdleMs: parts.processIdleMs,
    messages: (bounds) => store.messages(key, null, bounds),
    time: ({ model, ...run }) =>
      parts.runs.begin({
        ...{ ...run, key, conversation: lease.sessionId },
        model: model ?? settings.claudeModel,
      }),
    readImages: (ids) => imagesIn(store, user, ids),
    // Another server would run a prompt again whose start it cannot see; one alone takes its processes with it.
    kept: store.cluster === null ? null : () => journal.durable(),
    permissionMode: settings.permissionMode,
    onAnswered: (answered) => log.info({ audit: 'approval', user, ...answered }, 'answered'),
    spend: (runId, counts) => store.spend(user, runId, counts, parts.tokensMax(user)),
    onBug: (error) => log.error({ err: error }, 'what a run uses could not be counted'),
    newRunId: parts.newUuid,
    slotOf: (heard) => parts.gate.slot({ user, ...heard }),
    roomIsWanted: () => parts.admission.state.waiting > 0,
    withdraw: (runId) =>
      orLog(
        untilRoom(() => store.withdraw(key, runId), clock),
        'that a prompt was taken back',
      ),
    wantsTitle: parts.claudeTitles,
    titled: (title) =>
      orLog(store.rename(key, title.slice(0, TITLE_MAX).toWellFormed(), 'claude'), 'a title'),
    filled: (fill) => {
      onFact(key, { type: 'contextFilled', ...fill });
      orLog(store.setContext(key, fill), 'how full the context is');
    },
    tell: (fact) => onFact(key, fact),
    claude: {
      launch: () =>
        launchClaude(settings, {
          command: parts.agent.command,
          user,
          sessionId: lease.sessionId,
          id: parts.newUuid(),
          origin,
          credentials: parts.credentials(),
          choice: conversation.choice,
        }),
      admit: (start, ended, signal) => parts.admission.admit(user, start, ended, signal),
      clock,
      stallMs: parts.stallMs,
      redact: parts.redact,
      newUuid: parts.newUuid,
      onUnknown: (what) => parts.unknownLines.count(what),
      onBug: (error) => log.error({ err: error }, 'the claude actor failed'),
    },
  });
  set = () => conversation.choice;
  return conversation;
}

/** Where Claude's memory of a fork begins. */
async function originIn(
  { key, sessionId, fork }: Lease,
  { repository }: Choice,
  { store, settings }: ConversationWiring,
): Promise<Origin | undefined> {
  if (fork === null) return undefined;
  const place = transcriptPlace(settings, userOf(key), repository);
  return originOf(place, sessionId, fork, (bounds) => store.messages(key, null, bounds));
}
