import { parseSync } from 'vite';

/** Attributes, and properties of components called so, that a person reads or hears. */
const READ =
  /^(?:aria-(?:label|description|placeholder|roledescription|valuetext)|title|placeholder|alt|label)$/;
/** The same in every language. */
const NAMES = /\b(?:Greenroom|Claude)\b/g;
const SENTENCE = /^\p{Lu}[\p{L}’']* .*[.…?!]$/su;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/**
 * Words in the source of the page that are in no catalogue: the text of elements, what is read to a person from
 * attributes, and sentences anywhere but in errors that bugs throw and in what a machine says of its states. In the
 * order of the source.
 */
export function rawWordsIn(file: string, source: string): string[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const found = new Map<number, string>();
  const note = (node: Node, isShown: boolean) => {
    const text = textOf(node).replace(/\s+/g, ' ').trim();
    const isRaw = isShown ? /\p{L}{2}/u.test(text.replace(NAMES, '')) : SENTENCE.test(text);
    if (isRaw) found.set(node.start, text);
  };
  walk(program as unknown as Node, (node) => {
    if (node.type === 'NewExpression' || node.type === 'ImportDeclaration') return false;
    if (node.type === 'Property' && (node.key as Node).name === 'description') return false;
    if (node.type === 'JSXText') note(node, true);
    else if (isText(node)) note(node, false);
    else if (node.type === 'JSXAttribute') {
      const { name, value } = node as unknown as { name: { name: unknown }; value: Node | null };
      if (READ.test(String(name.name))) for (const text of outcomes(value)) note(text, true);
    } else if (node.type === 'JSXElement' || node.type === 'JSXFragment')
      for (const child of node.children as Node[])
        if (child.type === 'JSXExpressionContainer')
          for (const text of outcomes(child)) note(text, true);
    return true;
  });
  return [...found].sort(([a], [b]) => a - b).map(([, text]) => text);
}

/** The texts an expression may come to, as far as they stand in it. */
function outcomes(node: Node | null): Node[] {
  if (node === null) return [];
  if (isText(node)) return [node];
  const parts: Readonly<Record<string, readonly string[]>> = {
    JSXExpressionContainer: ['expression'],
    ConditionalExpression: ['consequent', 'alternate'],
    LogicalExpression: ['left', 'right'],
  };
  return (parts[node.type] ?? []).flatMap((part) => outcomes(node[part] as Node));
}

function isText(node: Node): boolean {
  return (
    node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string')
  );
}

function textOf(node: Node): string {
  if (node.type !== 'TemplateLiteral') return String(node.value);
  const quasis = node.quasis as readonly { value: { cooked: string } }[];
  return quasis.map(({ value }) => value.cooked).join(' ');
}

/** @param visit False: what is within is left out. */
function walk(node: Node, visit: (node: Node) => boolean): void {
  if (!visit(node)) return;
  for (const value of Object.values(node))
    for (const inner of Array.isArray(value) ? value : [value])
      if (typeof inner === 'object' && inner !== null && 'type' in inner) walk(inner, visit);
}
