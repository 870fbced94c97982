/**
 * Nomad's job files as data: parsed by HCL's own parser, their variables and locals put in. Of HCL's expressions
 * it knows what these files use; anything else throws.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from '@cdktf/hcl2json';

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Block = { [key: string]: Value };

/** As HCL gives it: every block an array, expressions as `${…}`. */
export async function parseHcl(file: string): Promise<Block> {
  return parse(file, readFileSync(file, 'utf8'));
}

/**
 * The file with all expressions evaluated, and `dynamic` blocks written out.
 * @param given Values of variables; what is missing and has no default throws.
 */
export async function evaluateHcl(
  file: string,
  given: Readonly<Record<string, Value>> = {},
): Promise<Block> {
  const { variable = {}, locals = [], ...rest } = await parseHcl(file);
  const variables: Block = {};
  for (const [name, declared] of Object.entries(variable as Block)) {
    const value = given[name] ?? blocksOf(declared)[0]?.default;
    if (value === undefined) throw new Error(`${file}: the variable ${name} has no value`);
    variables[name] = value;
  }
  for (const name of Object.keys(given))
    if (variables[name] === undefined) throw new Error(`${file}: no variable ${name}`);
  const scope: Scope = { dir: dirname(file), roots: { var: variables, local: {} } };
  for (const block of blocksOf(locals)) scope.roots.local = inScope(block, scope) as Block;
  return inScope(rest, scope) as Block;
}

export function blocksOf(value: Value | undefined): Block[] {
  return (Array.isArray(value) ? value : []) as Block[];
}

interface Scope {
  readonly dir: string;
  readonly roots: Record<string, Value>;
}

function inScope(value: Value, scope: Scope): Value {
  if (typeof value === 'string') return evaluateTemplate(value, scope);
  if (Array.isArray(value)) return value.map((item) => inScope(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  const { dynamic = {}, ...plain } = value;
  const result: Block = {};
  for (const [key, item] of Object.entries(plain)) result[key] = inScope(item, scope);
  for (const [kind, blocks] of Object.entries(dynamic as Block)) {
    const written = blocksOf(blocks).flatMap(({ for_each = [], content = [] }) =>
      (inScope(for_each, scope) as Value[]).flatMap((item) =>
        blocksOf(content).map((block) =>
          inScope(block, { ...scope, roots: { ...scope.roots, [kind]: { value: item } } }),
        ),
      ),
    );
    if (written.length > 0) result[kind] = [...blocksOf(result[kind]), ...written];
  }
  return result;
}

function evaluateTemplate(text: string, scope: Scope): Value {
  const reader = new Reader(text, scope);
  const parts = reader.template(() => reader.atEnd);
  return parts.length === 1 ? (parts[0] ?? '') : parts.map(String).join('');
}

/** Reads one template or expression from its place on. */
class Reader {
  readonly #text: string;
  readonly #scope: Scope;
  #at = 0;

  constructor(text: string, scope: Scope) {
    this.#text = text;
    this.#scope = scope;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Literal text and the values of `${…}`, in order. */
  template(isOver: () => boolean): Value[] {
    const parts: Value[] = [];
    let literal = '';
    while (!isOver()) {
      if (this.#take('$${')) literal += '${';
      else if (this.#take('\\"')) literal += '"';
      else if (this.#take('${')) {
        if (literal !== '') parts.push(literal);
        literal = '';
        parts.push(this.#expression());
        this.#expect('}');
      } else literal += this.#text[this.#at++];
    }
    if (literal !== '' || parts.length === 0) parts.push(literal);
    return parts;
  }

  #expression(): Value {
    const condition = this.#comparison();
    if (!this.#take('?')) return condition;
    const then = this.#expression();
    this.#expect(':');
    const otherwise = this.#expression();
    return condition ? then : otherwise;
  }

  #comparison(): Value {
    const left = this.#primary();
    if (this.#take('==')) return left === this.#primary();
    if (this.#take('!=')) return left !== this.#primary();
    return left;
  }

  #primary(): Value {
    if (this.#take('"')) {
      const parts = this.template(() => this.#text[this.#at] === '"');
      this.#expect('"');
      return parts.map(String).join('');
    }
    if (this.#take('[')) {
      const items: Value[] = [];
      while (!this.#take(']')) {
        items.push(this.#expression());
        this.#take(',');
      }
      return items;
    }
    const word = /^\s*([\w.]+)\s*/.exec(this.#text.slice(this.#at));
    if (!word?.[1]) throw new Error(`cannot read ${this.#text.slice(this.#at)}`);
    this.#at += word[0].length;
    if (this.#take('(')) {
      if (word[1] !== 'file') throw new Error(`the function ${word[1]} is not known`);
      const path = String(this.#expression());
      this.#expect(')');
      return readFileSync(join(this.#scope.dir, path), 'utf8');
    }
    return this.#named(word[1]);
  }

  /** What only the machine knows where the job runs stays as it is written. */
  #named(name: string): Value {
    if (/^\d+$/.test(name)) return Number(name);
    if (name === 'true' || name === 'false') return name === 'true';
    const [root = '', ...path] = name.split('.');
    const isTheMachines = ['attr', 'node', 'meta', 'env'].includes(root);
    if (isTheMachines || root.startsWith('NOMAD_')) return `\${${name}}`;
    let value: Value | undefined = this.#scope.roots[root];
    for (const key of path) value = (value as Block | undefined)?.[key];
    if (value === undefined) throw new Error(`${name} is not declared`);
    return value;
  }

  #take(sign: string): boolean {
    const from = /^[[\]()}?:,=!]/.test(sign)
      ? this.#at + (/^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0)
      : this.#at + (sign === '"' ? (/^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0) : 0);
    if (!this.#text.startsWith(sign, from)) return false;
    this.#at = from + sign.length;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign))
      throw new Error(`${sign} is missing before ${this.#text.slice(this.#at, this.#at + 20)}`);
  }
}
