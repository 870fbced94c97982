/**
 * What somebody who looks for a fault needs to know, as text to be sent to them. An allow-list: states, counts,
 * times, codes and ids; never a word of a prompt, an answer or a title, no name, no address, no path.
 */
import type { ChatClient } from '../chat/client.ts';
import { isWritable, ownStorage } from '../chat/storage.ts';
import { type FlightEntry, stateName } from './flight-log.ts';

const FAULTS_MAX = 10;
/** What codes, ids and versions look like; anything else is not told. */
const PLAIN = /^[\w.:+-]{1,80}$/;

export interface Facts {
  readonly at: number;
  readonly browser: string;
  readonly isOnline: boolean;
  readonly hasStorage: boolean;
  readonly connection: {
    readonly state: string;
    readonly tries: number;
    readonly waiting: number;
    readonly history: readonly FlightEntry[];
  };
  /** Null: no server has greeted this page yet. */
  readonly server: {
    readonly version: string;
    readonly protocol: number;
    readonly agent: string;
    readonly agentVersion: string | null;
    readonly sandbox: string;
  } | null;
  readonly conversation: {
    readonly id: string | null;
    readonly state: string;
    readonly runs: number;
    readonly pending: number;
  };
  /** Oldest first. */
  readonly faults: readonly { readonly runId: string; readonly code: string }[];
}

export function diagnostics(facts: Facts): string {
  const { connection, server, conversation, faults } = facts;
  const { history } = connection;
  return [
    `Greenroom diagnostics, ${time(facts.at)}`,
    server
      ? `Server: ${plain(server.version)}, protocol ${number(server.protocol)}, ${plain(server.agent)} ${plain(server.agentVersion)}, sandbox ${plain(server.sandbox)}`
      : 'Server: has not greeted this page',
    `Browser: ${browser(facts.browser)}; ${facts.isOnline ? 'online' : 'offline'}, storage ${facts.hasStorage ? 'works' : 'refused'}`,
    `Connection: ${plain(connection.state)}, ${number(connection.tries)} tries, ${number(connection.waiting)} unanswered`,
    ...history.map(({ at, state }) => `  ${time(at)} ${plain(state)}`),
    `Conversation: ${plain(conversation.id)}, ${plain(conversation.state)}, ${number(conversation.runs)} runs shown, ${number(conversation.pending)} waiting`,
    ...faults.slice(-FAULTS_MAX).map(({ runId, code }) => `  run ${plain(runId)}: ${plain(code)}`),
  ].join('\n');
}

/** Of this page, now. */
export function factsOf(client: ChatClient): Facts {
  const { value, context } = client.connection.getSnapshot();
  const { welcome, threadId, session, runs, pending } = client.store.view();
  return {
    at: Date.now(),
    browser: navigator.userAgent,
    isOnline: navigator.onLine,
    hasStorage: isWritable(ownStorage()),
    connection: {
      state: stateName(value),
      tries: context.tries,
      waiting: context.outbox.length,
      history: client.flights.entries,
    },
    server: welcome && {
      version: welcome.version,
      protocol: welcome.protocol,
      agent: welcome.agent.kind,
      agentVersion: welcome.agent.version,
      sandbox: welcome.sandbox,
    },
    conversation: { id: threadId, state: session, runs: runs.length, pending: pending.length },
    faults: runs.flatMap(({ id, error }) => (error ? [{ runId: id, code: error.code }] : [])),
  };
}

function plain(value: string | null): string {
  if (value === null) return '-';
  return PLAIN.test(value) ? value : '(not told)';
}

function number(value: number): string {
  return String(Number(value));
}

function time(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : '-';
}

/** Name and version of the browser and its system, without what else a user agent may be made to say. */
function browser(userAgent: string): string {
  const products = userAgent.match(/\b(?:Chrome|Firefox|Version|Safari|Edg|OPR)\/[\d.]+/g) ?? [];
  const system =
    /Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux/.exec(userAgent)?.[0] ?? 'unknown';
  return `${products.join(' ') || 'unknown'} on ${system}`;
}
