/** What a check of `greenroom doctor` finds, and how it is told. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** How to mend it; null when there is nothing to mend. */
  readonly mend: string | null;
}

/** One row of a table of checks about `Subject`. What `run` throws is a failed check. */
export interface Check<Subject> {
  readonly name: string;
  /** Why anybody should care. */
  readonly why: string;
  readonly run: (subject: Subject) => Finding | Promise<Finding>;
}

export type Told = Finding & Pick<Check<never>, 'name' | 'why'>;

export const ok = (found: string): Finding => ({ state: 'ok', found, mend: null });
export const warn = (found: string, mend: string): Finding => ({ state: 'warn', found, mend });
export const fail = (found: string, mend: string): Finding => ({ state: 'fail', found, mend });

/** One after another: several start processes. */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
): Promise<Told[]> {
  const told: Told[] = [];
  for (const { name, why, run } of checks)
    told.push({ name, why, ...(await attempt(run, subject)) });
  return told;
}

async function attempt<S>(run: Check<S>['run'], subject: S): Promise<Finding> {
  try {
    return await run(subject);
  } catch (error) {
    return fail((error as Error).message, 'set what is named right, and ask again');
  }
}

export function inWords(told: readonly Told[]): string {
  return told
    .flatMap(({ state, name, found, why, mend }) => [
      `${state.padEnd(4)}  ${name}: ${found}`,
      ...(mend === null ? [] : [`      why it matters: ${why}`, `      how to mend it: ${mend}`]),
    ])
    .join('\n');
}
