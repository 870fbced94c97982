/** The machines as drawings, made once, when somebody first wants to see them. */
import { instance } from '@viz-js/viz';
import { MACHINES } from '../../machines/inspection/definition.ts';
import { toDot } from '../../machines/inspection/dot.ts';
import { machineVersion } from '../../machines/inspection/recordable.ts';
import type { Chart } from './protocol.ts';

let drawn: Promise<Chart[]> | null = null;

export function charts(): Promise<Chart[]> {
  drawn ??= draw();
  return drawn;
}

async function draw(): Promise<Chart[]> {
  const viz = await instance();
  return Object.entries(MACHINES).map(([kind, machine]) => ({
    kind: kind as keyof typeof MACHINES,
    machine: machineVersion(machine),
    // From its root element on: a declaration and a document type are for files.
    svg: viz.renderString(toDot(machine), { format: 'svg' }).replace(/^[\s\S]*?(?=<svg)/, ''),
  }));
}
