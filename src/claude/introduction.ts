/** What the CLI tells of itself when asked: its models and commands. Asked once, of a process that ends again. */
import { within } from '../within.ts';
import { ClaudeChild } from './child.ts';
import { array, object, string } from './json.ts';
import type { Launch } from './launch.ts';
import { parseLine } from './stream-json.ts';

/** It answered within 0.7 s when measured on an idle machine. */
const ANSWER_MS = 30_000;
const LIST_MAX = 1_000;

export interface KnownModel {
  readonly value: string;
  /** The full id an alias stands for. */
  readonly resolved: string;
  readonly name: string;
  /** Least first; empty: it cannot be told. */
  readonly efforts: readonly string[];
}

export interface KnownCommand {
  readonly names: readonly string[];
  readonly description: string;
  readonly argumentHint: string;
}

export interface Introduction {
  readonly models: readonly KnownModel[];
  readonly commands: readonly KnownCommand[];
}

/** Null: it did not answer within `ANSWER_MS`, or ended. */
export async function askIntroduction(launch: Launch): Promise<Introduction | null> {
  const answer = Promise.withResolvers<Introduction | null>();
  const child = new ClaudeChild(launch, (lines) => {
    for (const message of lines.map(parseLine))
      if (message.kind === 'reply') answer.resolve(readIntroduction(message.response));
  });
  void child.exited.then(() => answer.resolve(null));
  const request = { subtype: 'initialize' };
  child.write({ type: 'control_request', request_id: launch.marker, request });
  await within(answer.promise, ANSWER_MS);
  answer.resolve(null);
  await child.stop();
  return answer.promise;
}

export function readIntroduction(response: Record<string, unknown>): Introduction {
  return {
    models: array(response.models)
      .slice(0, LIST_MAX)
      .map(object)
      .map((m) => ({
        value: string(m.value),
        resolved: string(m.resolvedModel),
        name: string(m.displayName),
        efforts: m.supportsEffort === true ? array(m.supportedEffortLevels).map(string) : [],
      })),
    commands: array(response.commands)
      .slice(0, LIST_MAX)
      .map(object)
      .map((c) => ({
        names: [string(c.name), ...array(c.aliases).map(string)],
        description: string(c.description),
        argumentHint: string(c.argumentHint),
      })),
  };
}
