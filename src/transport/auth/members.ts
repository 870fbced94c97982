/**
 * Who may come in, and who of them may look into everything. Both lists may change while the server runs; names are
 * compared as a forge compares them, without regard to case.
 */
export interface MemberLists {
  /** Null: whoever has a sign-in may come in. `*` among them: whoever the provider knows. */
  readonly allowed: readonly string[] | null;
  readonly operators: readonly string[];
}

export class Members {
  #allowed: ReadonlySet<string> | null = null;
  #operators: ReadonlySet<string> = new Set();
  readonly #listeners = new Set<() => void>();

  constructor(lists: MemberLists) {
    this.replace(lists);
  }

  replace({ allowed, operators }: MemberLists): void {
    this.#allowed = allowed === null || allowed.includes('*') ? null : folded(allowed);
    this.#operators = folded(operators);
    for (const listener of this.#listeners) listener();
  }

  /** Hears each time the lists were replaced. */
  onReplaced(listener: () => void): void {
    this.#listeners.add(listener);
  }

  allows(user: string): boolean {
    return this.#allowed?.has(user.toLowerCase()) ?? true;
  }

  isOperator(user: string): boolean {
    return this.#operators.has(user.toLowerCase());
  }
}

function folded(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}
