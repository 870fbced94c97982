import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import { drainMachine } from '../../src/machines/drain.machine.ts';
import { parkedMachine } from '../../src/machines/parked.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { connectionMachine } from '../../src/ui/connection.machine.ts';

interface Node {
  readonly key: string;
  readonly states: Readonly<Record<string, Node>>;
}

const page = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');

/** The diagram behind `<!-- machine: name -->`. */
function diagramOf(name: string): string {
  const pattern = new RegExp(
    `<!-- machine: ${name} -->\\s*\`\`\`mermaid\\s*\\n\\s*stateDiagram-v2\\n([\\s\\S]*?)\`\`\``,
  );
  const found = pattern.exec(page)?.[1];
  assert.ok(found, `ARCHITECTURE.md has no stateDiagram-v2 behind <!-- machine: ${name} -->`);
  return found;
}

/** Names of states: ends of arrows, `state x {`, and `x : description`. */
function statesIn(diagram: string): string[] {
  const names = diagram.split('\n').flatMap((line) => {
    const text = line.trim();
    const arrow = /^(\[\*\]|\w+)\s*-->\s*(\[\*\]|\w+)/.exec(text);
    if (arrow) return [arrow[1], arrow[2]];
    return [/^state\s+(?:"[^"]*"\s+as\s+)?(\w+)/.exec(text)?.[1] ?? /^(\w+)\s*:/.exec(text)?.[1]];
  });
  const known = names.filter((name): name is string => name !== undefined && name !== '[*]');
  return [...new Set(known)].sort();
}

function statesOf(node: Node): string[] {
  return Object.values(node.states).flatMap((child) => [child.key, ...statesOf(child)]);
}

for (const [name, machine] of Object.entries({
  session: sessionMachine,
  conversation: conversationMachine,
  drain: drainMachine,
  parked: parkedMachine,
  connection: connectionMachine,
})) {
  test(`the diagram of the ${name} machine in ARCHITECTURE.md has exactly its states`, () => {
    assert.deepEqual(statesIn(diagramOf(name)), statesOf(machine.root as unknown as Node).sort());
  });
}
