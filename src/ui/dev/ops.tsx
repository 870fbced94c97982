/** The operators' client without a server: it hears what a state of the gallery says. */
import { type ReactNode, useState } from 'react';
import type { OpsServerFrame } from '../../transport/ops/protocol.ts';
import { type OpsApi, OpsClient } from '../ops/client.ts';
import type { Socket } from '../ops/line.ts';
import { CAPSULES, CHARTS, figuresAt, rowsOf, stepsOf } from './ops-fixtures.ts';

export const NOW = Date.now();

const api: OpsApi = {
  charts: async () => ({ charts: CHARTS }),
  capsules: async () => ({ capsules: CAPSULES(NOW) }),
  steps: async (name) => {
    const capsule = CAPSULES(NOW).find((it) => it.name === name);
    if (!capsule) throw new Error(name);
    return stepsOf(capsule, NOW);
  },
};

export const GREETING: OpsServerFrame[] = [
  {
    type: 'ops',
    version: '0.1.0',
    user: 'ada',
    agent: { kind: 'claude', model: 'opus', version: '2.1.330', notice: null },
    sandbox: 'bwrap',
    inspectorUrl: 'https://inspector.example',
    capsulesMax: 20,
  },
  { type: 'actors', rows: rowsOf(60, NOW), last: true },
  ...Array.from({ length: 90 }, (_, step) => ({
    type: 'figures' as const,
    figures: figuresAt(step, NOW),
  })),
];

/** Of any `follow`. */
const REPLY: OpsServerFrame = { type: 'reply', ref: '', fault: null };

interface Spoken {
  /** What the server says once the line is there. */
  frames: readonly OpsServerFrame[];
  /** The code the line is closed with after that. */
  close?: number;
  follow?: string;
  children: (client: OpsClient) => ReactNode;
}

export function WithOps({ frames, close, follow, children }: Spoken) {
  const [client] = useState(() => {
    const socket: Socket = {
      onopen: null,
      onclose: null,
      onmessage: null,
      send: () => {},
      close: () => {},
    };
    const made = new OpsClient(
      {
        open: () => socket,
        probe: async () => 0,
        random: Math.random,
        now: Date.now,
        later: () => () => {},
      },
      api,
    );
    made.start();
    socket.onopen?.();
    if (follow !== undefined) made.follow(follow);
    const isAnswer = (frame: OpsServerFrame) => frame.type === 'followed';
    const said = frames.flatMap((frame) => (isAnswer(frame) ? [frame, REPLY] : [frame]));
    for (const frame of said) socket.onmessage?.({ data: JSON.stringify(frame) });
    if (close !== undefined) socket.onclose?.({ code: close });
    return made;
  });
  return children(client);
}
