import { parseSync } from 'vite';

export interface LogEvents {
  /** `…` stands in a message for what varies. */
  readonly events: readonly { readonly level: string; readonly message: string }[];
  /** What `audit` is in the fields of its lines. */
  readonly audits: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/**
 * What a source file may log: calls of a `log`, and the names that are handed to a method `#audit` of its own.
 * @throws Where a message, or an audit name, is made of nothing that can be searched for.
 */
export function logEventsIn(file: string, source: string): LogEvents {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const events: { level: string; message: string }[] = [];
  const audits: string[] = [];
  const text = (node: Node | undefined) => {
    const found = textOf(node);
    if (found === null) throw new Error(`${file} logs what is not written out`);
    return found;
  };
  walk(program as unknown as Node, (node) => {
    if (node.type !== 'CallExpression') return;
    const callee = node.callee as Node;
    const [first, second] = node.arguments as Node[];
    const name = nameOf(callee);
    if (name === 'audit') audits.push(text(first));
    if (callee.type !== 'MemberExpression' || !LEVELS.includes(name)) return;
    if (nameOf(callee.object as Node) !== 'log') return;
    events.push({ level: name, message: text(second ?? first) });
    const audit = propertyOf(first, 'audit');
    if (audit !== null) audits.push(text(audit));
  });
  return { events, audits };
}

/** `log`, `this.log`, `this.#log`, `this.#parts.log` are all called `log`. */
function nameOf(node: Node): string {
  if (node.type === 'MemberExpression') return nameOf(node.property as Node);
  return typeof node.name === 'string' ? node.name : '';
}

function propertyOf(node: Node | undefined, name: string): Node | null {
  if (node?.type !== 'ObjectExpression') return null;
  const property = (node.properties as Node[]).find(
    ({ type, key }) => type === 'Property' && nameOf(key as Node) === name,
  );
  return property === undefined ? null : (property.value as Node);
}

function textOf(node: Node | undefined): string | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type !== 'TemplateLiteral') return null;
  return (node.quasis as { value: { cooked: string } }[])
    .map(({ value }) => value.cooked)
    .join('…');
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node))
    for (const inner of Array.isArray(value) ? value : [value])
      if (typeof inner === 'object' && inner !== null && 'type' in inner) walk(inner, visit);
}
