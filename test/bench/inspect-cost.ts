/**
 * What it costs an actor to be looked into: events of 1,000 sessions with nobody there, with a hub, and with an operator
 * who follows one or all; and a turn of a conversation without its tape and with it. In turn, so that what the machine does
 * meanwhile falls on all of them.
 */
import { type Actor, createActor, fromCallback } from 'xstate';
import type { ClaudeInput } from '../../src/claude/facts.ts';
import type { claudeProcess } from '../../src/claude/process.ts';
import {
  CONVERSATION_TIMES,
  type ConversationPorts,
} from '../../src/machines/conversation.events.ts';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import { InspectorHub } from '../../src/machines/inspection/hub.ts';
import { taped } from '../../src/machines/inspection/recordable.ts';
import { Tape } from '../../src/machines/inspection/tape.ts';
import { ActorRegistry } from '../../src/machines/registry.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import type { Figures } from './measures.ts';
import type { Table } from './report.ts';

const SESSIONS = 1_000;
const CYCLES = 40;
const TURNS = 4_000;
const IDENTITY = { user: 'u', operator: false, signInId: 's', expiresAt: Date.now() + 1e8 };
const nothing = () => {};

type Conversation = Actor<typeof conversationMachine>;

export async function inspectCost(rounds: number): Promise<Table[]> {
  const sessions = Array.from({ length: SESSIONS }, newSession);
  const registry = new ActorRegistry<(typeof sessions)[number]>();
  for (const session of sessions) {
    registry.start(session.id, session, nothing);
    session.actor.send({ type: 'signIn.verified', identity: IDENTITY });
  }
  const hub = new InspectorHub({ session: registry });
  const watching: Readonly<Record<string, () => () => void>> = {
    'nobody watches': () => nothing,
    'one is followed': () => closing(hub.watch((id) => id === 's7', nothing)),
    'all are, 500 a second': () => closing(hub.watch(() => true, nothing)),
    'all are, without bound': () =>
      closing(hub.watch(() => true, nothing, { perSecond: 1e9, burst: 1e9 })),
    'nobody any more': () => nothing,
  };
  const events = inTurn(rounds, watching, () => eventsOf(sessions.map(({ actor }) => actor)));
  const taping = { 'without a tape': false, 'with its tape': true };
  const begin = (on: boolean) => () => {
    current = newConversation(on);
    return () => current?.stop();
  };
  let current: Conversation | null = null;
  const conversations = Object.entries(taping).map(([name, on]) => [name, begin(on)] as const);
  const turns = inTurn(rounds, Object.fromEntries(conversations), () => turnsOf(current));
  const row = (label: string) => ({ ns: { label, unit: 'ns', digits: 0 } });
  return [
    {
      name: 'inspect',
      title: 'an actor that is looked into',
      rows: row('an event of one of 1,000 sessions'),
      rounds: events,
      bases: ['nobody watches'],
    },
    {
      name: 'tape',
      title: 'a conversation and its tape',
      rows: row('a turn, 16 events'),
      rounds: turns,
      bases: ['without a tape'],
    },
  ];
}

function closing(watch: { close(): void }): () => void {
  return () => watch.close();
}

function inTurn(
  rounds: number,
  ways: Readonly<Record<string, () => () => void>>,
  measure: () => number,
): Map<string, Figures[]> {
  const figures = new Map(Object.keys(ways).map((name) => [name, [] as Figures[]]));
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, begin] of Object.entries(ways)) {
      const end = begin();
      const figure = measure();
      end();
      if (round > 0) figures.get(name)?.push({ ns: figure }); // the first warms the code
    }
  return figures;
}

function newSession(_: unknown, i: number) {
  const ports = { askLimits: nothing, submit: nothing, refuse: nothing, tellParked: nothing };
  const actor = createActor(sessionMachine, { input: { ports, now: Date.now } });
  return { id: `s${i}`, actor };
}

/** To `streaming` and back. @returns Nanoseconds an event. */
function eventsOf(actors: readonly Actor<typeof sessionMachine>[]): number {
  const begun = performance.now();
  for (let cycle = 0; cycle < CYCLES; cycle += 1)
    for (const actor of actors) {
      actor.send({ type: 'run.started', runId: 'r' });
      actor.send({ type: 'run.ended', runId: 'r' });
    }
  return ((performance.now() - begun) * 1e6) / (CYCLES * actors.length * 2);
}

const END = {
  fault: null,
  usage: { ...NO_TOKENS, costUsd: 0, durationMs: 1, turns: 1 },
  deltas: 12,
  isDelegating: false,
};

const silentMachine = conversationMachine.provide({
  actors: { claude: fromCallback(nothing) as unknown as typeof claudeProcess },
});

function newConversation(hasTape: boolean): Conversation {
  let isHeld = false;
  const ports: ConversationPorts = {
    claude: {} as ClaudeInput,
    slot: {
      want() {
        isHeld = true;
        actor.send({ type: 'slot.granted' });
      },
      take: nothing,
      release() {
        isHeld = false;
      },
      get isHeld() {
        return isHeld;
      },
    },
    ...{ startRun: nothing, endRun: nothing, withdrawPrompt: nothing, denyWith: nothing },
    ...{ listen: nothing, pendingChanged: nothing, spend: nothing },
    newRunId: () => 'own',
    now: () => 0,
    roomIsWanted: () => false,
  };
  const input = {
    ports: hasTape ? taped(ports, () => tape) : ports,
    processIdleMs: 60_000,
    ...CONVERSATION_TIMES,
  };
  const actor = createActor(silentMachine, { input });
  let tape: Tape;
  if (hasTape) tape = new Tape(actor);
  actor.start();
  actor.send({ type: 'user.warm' });
  actor.send({ type: 'claude.spawned', pid: 1 });
  actor.send({ type: 'claude.ready' });
  return actor;
}

/** @returns Nanoseconds a turn. */
function turnsOf(actor: Conversation | null): number {
  const begun = performance.now();
  for (let turn = 0; turn < TURNS; turn += 1) {
    actor?.send({ type: 'user.prompt', runId: 'r' });
    actor?.send({ type: 'claude.turnStarted' });
    for (let deltas = 0; deltas < 12; deltas += 1)
      actor?.send({ type: 'claude.progress', deltas, tokens: NO_TOKENS });
    actor?.send({ type: 'claude.turnEnded', how: 'done', ...END });
  }
  return ((performance.now() - begun) * 1e6) / TURNS;
}
