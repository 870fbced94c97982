/**
 * The few words of Go's templates that Nomad's jobs use here: `range`, `with`, `if`, `else`, `end`, `env`,
 * `nomadService`, `nomadVar`, `secret` and fields. Anything else throws, so that no test passes on a guess.
 */
export interface TemplateSources {
  readonly env?: Readonly<Record<string, string>>;
  /** Instances by service, as `nomadService` lists them. */
  readonly services?: Readonly<Record<string, readonly { Address: string; Port: number }[]>>;
  /** Items by path, as `nomadVar` gives them. */
  readonly variables?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Data by path, as `secret` gives it of a KV version 2 engine. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Node = string | { action: string; body: Node[]; otherwise: Node[] };

export function renderTemplate(template: string, sources: TemplateSources): string {
  const tokens = template
    .replace(/\s*\{\{-/g, '{{')
    .replace(/-\}\}\s*/g, '}}')
    .split(/(\{\{[^}]*\}\})/);
  return render(readNodes(tokens, false), null, sources);
}

function readNodes(tokens: string[], isInner: boolean): Node[] {
  const nodes: Node[] = [];
  for (;;) {
    const token = tokens.shift();
    if (token === undefined) {
      if (isInner) throw new Error('an end is missing');
      return nodes;
    }
    const action = /^\{\{\s*(.*?)\s*\}\}$/.exec(token)?.[1];
    if (action === undefined) nodes.push(token);
    else if (/^(range|with|if) /.test(action)) nodes.push(readBlock(action, tokens));
    else if (action === 'end' || action === 'else') {
      if (!isInner) throw new Error(`${action} without a beginning`);
      tokens.unshift(token);
      return nodes;
    } else nodes.push({ action, body: [], otherwise: [] });
  }
}

function readBlock(action: string, tokens: string[]): Node {
  const body = readNodes(tokens, true);
  const hasElse = /else/.test(tokens.shift() ?? '');
  const otherwise = hasElse ? readNodes(tokens, true) : [];
  if (hasElse) tokens.shift();
  return { action, body, otherwise };
}

function render(nodes: readonly Node[], dot: unknown, sources: TemplateSources): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const [, kind = '', asked = ''] = /^(?:(range|with|if) )?(.*)$/.exec(node.action) ?? [];
      const value = evaluate(asked, dot, sources);
      if (kind === '') return String(value);
      const isEmpty = Array.isArray(value) ? value.length === 0 : !value;
      if (isEmpty) return render(node.otherwise, dot, sources);
      if (kind === 'if') return render(node.body, dot, sources);
      const items = kind === 'range' ? (value as unknown[]) : [value];
      return items.map((item) => render(node.body, item, sources)).join('');
    })
    .join('');
}

function evaluate(asked: string, dot: unknown, sources: TemplateSources): unknown {
  if (/^(\.\w+)+$/.test(asked)) {
    const value = asked
      .slice(1)
      .split('.')
      .reduce((of: unknown, key) => (of as Record<string, unknown> | null)?.[key], dot);
    if (value === undefined) throw new Error(`there is no ${asked}`); // error_on_missing_key
    return value;
  }
  const [, word = '', quoted, nested] = /^(\w+) (?:"([^"]*)"|\((.*)\))$/.exec(asked) ?? [];
  const argument = quoted ?? (nested ? String(evaluate(nested, dot, sources)) : undefined);
  if (argument === undefined) throw new Error(`cannot read {{ ${asked} }}`);
  if (word === 'env') return sources.env?.[argument] ?? '';
  if (word === 'nomadService') return sources.services?.[argument] ?? [];
  if (word === 'nomadVar') return sources.variables?.[argument];
  if (word === 'secret') {
    const data = sources.secrets?.[argument];
    return data && { Data: { data } };
  }
  throw new Error(`the function ${word} is not known`);
}
