/** A machine as a drawing, in the language of Graphviz, made from its own definition. */
import type { AnyStateMachine, StateNode } from 'xstate';

type Node = StateNode;

const ANYWHERE = '"in any state"';

/** A state by its names, as `alive.running`. */
const nameOf = (node: Node) => node.path.join('.');
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const childrenOf = (node: Node) => Object.values(node.states) as Node[];

export function toDot(machine: AnyStateMachine): string {
  const root = machine.root as unknown as Node;
  return [
    'digraph machine {',
    'compound=true; rankdir=TB; nodesep=0.35; ranksep=0.45; bgcolor="transparent"; fontname="Helvetica"; fontsize=11;',
    'node [shape=box, style="rounded", fontname="Helvetica", fontsize=11, margin="0.16,0.08"];',
    'edge [fontname="Helvetica", fontsize=9, arrowsize=0.6];',
    '"begin" [shape=point, width=0.12, id="begin"];',
    `"begin" -> ${quoted(leafOf(initialOf(root)))}${headOf(initialOf(root))};`,
    ...childrenOf(root).flatMap(drawState),
    ...allOf(root).flatMap(drawTransitions),
    '}',
  ].join('\n');
}

function drawState(node: Node): string[] {
  const name = nameOf(node);
  const about = `id=${quoted(`state:${name}`)}, tooltip=${quoted(node.description ?? name)}`;
  const shape = node.type === 'final' ? ', peripheries=2' : '';
  if (childrenOf(node).length === 0)
    return [`${quoted(name)} [label=${quoted(node.key)}, ${about}${shape}];`];
  return [
    `subgraph ${quoted(`cluster_${name}`)} {`,
    `label=${quoted(node.key)}; style="rounded"; margin=12; ${about.replaceAll(', ', '; ')};`,
    ...childrenOf(node).flatMap(drawState),
    '}',
  ];
}

function allOf(node: Node): Node[] {
  return [node, ...childrenOf(node).flatMap(allOf)];
}

/** One arrow from a state to another, with all that leads there; what stays where it is is not drawn. */
function drawTransitions(from: Node): string[] {
  const labels = new Map<Node, Set<string>>();
  for (const [type, transitions] of from.transitions)
    for (const { target } of transitions)
      for (const to of (target ?? []) as Node[]) {
        if (to === from) continue;
        labels.set(to, (labels.get(to) ?? new Set()).add(labelOf(type)));
      }
  for (const { target } of from.always ?? [])
    for (const to of (target ?? []) as Node[])
      labels.set(to, (labels.get(to) ?? new Set()).add('always'));
  // An arrow from each state for what is heard in all of them would hide the others.
  const isAnywhere = from.path.length === 0;
  const tail = isAnywhere ? ANYWHERE : quoted(leafOf(from));
  const arrows = [...labels].map(([to, types]) => {
    const id = `edge:${nameOf(from)}:${nameOf(to)}`;
    const label = [...types].map((type) => ` ${type} `).join('\\n');
    return `${tail} -> ${quoted(leafOf(to))} [id=${quoted(id)}, label="${label}"${ends(from, to)}];`;
  });
  return isAnywhere && arrows.length > 0 ? [`${ANYWHERE} [shape=plaintext];`, ...arrows] : arrows;
}

/** XState's own names say what they are for, and where they are. */
function labelOf(type: string): string {
  return type
    .replace(/^xstate\.after\.([\w-]+)\..*$/, 'after $1')
    .replace(/^xstate\.(done|error)\.actor\.(.*)$/, '$2 $1');
}

function initialOf(node: Node): Node {
  return (node.initial?.target[0] as Node | undefined) ?? node;
}

/** Arrows lead from state to state; those of a compound one begin at its border, seen from its first. */
function leafOf(node: Node): string {
  const first = childrenOf(node).length === 0 ? null : initialOf(node);
  return first === null ? nameOf(node) : leafOf(first);
}

function headOf(node: Node): string {
  return childrenOf(node).length === 0 ? '' : ` [lhead=${quoted(`cluster_${nameOf(node)}`)}]`;
}

function ends(from: Node, to: Node): string {
  const isInside = (node: Node, of: Node) => nameOf(node).startsWith(`${nameOf(of)}.`);
  const tail = from.path.length > 0 && childrenOf(from).length > 0 && !isInside(to, from);
  const head = childrenOf(to).length > 0 && !isInside(from, to);
  return [
    tail ? `, ltail=${quoted(`cluster_${nameOf(from)}`)}` : '',
    head ? `, lhead=${quoted(`cluster_${nameOf(to)}`)}` : '',
  ].join('');
}
