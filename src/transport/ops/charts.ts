/** The machines as drawings, made once, when somebody first wants to see them. */
import { instance } from '@viz-js/viz';
import type { AnyStateMachine } from 'xstate';
import { conversationMachine } from '../../machines/conversation.machine.ts';
import { toDot } from '../../machines/inspection/dot.ts';
import { machineVersion } from '../../machines/inspection/recordable.ts';
import { parkedMachine } from '../../machines/parked.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import type { Chart } from './protocol.ts';

const DRAWN = {
  session: sessionMachine,
  conversation: conversationMachine,
  parked: parkedMachine,
} as const satisfies Partial<Record<Chart['kind'], AnyStateMachine>>;

let drawn: Promise<Chart[]> | null = null;

export function charts(): Promise<Chart[]> {
  drawn ??= draw();
  return drawn;
}

async function draw(): Promise<Chart[]> {
  const viz = await instance();
  return Object.entries(DRAWN).map(([kind, machine]) => ({
    kind: kind as keyof typeof DRAWN,
    machine: machineVersion(machine),
    // From its root element on: a declaration and a document type are for files.
    svg: viz.renderString(toDot(machine), { format: 'svg' }).replace(/^[\s\S]*?(?=<svg)/, ''),
  }));
}
