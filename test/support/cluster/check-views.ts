/** Whether every client saw the journal: all of it, in order, each row once, whatever they reconnected to. */
import type { ConversationAccount, Finding, Seen, View } from './account.ts';

export function checkViews({ key, journal, views }: ConversationAccount): Finding[] {
  return [...checkJournal(key, journal), ...views.flatMap((view) => checkView(key, view, journal))];
}

/** Numbered 1, 2, 3 …, under terms that never fall. */
function checkJournal(key: string, journal: readonly Seen[]): Finding[] {
  const findings: Finding[] = [];
  let lastTerm = 0;
  for (const [i, { id }] of journal.entries()) {
    const [term = 0, seq = 0] = id.split('.').map(Number);
    if (seq !== i + 1 || term < lastTerm)
      findings.push({ rule: 'journal', where: key, text: `${id} stands as row ${i + 1}` });
    lastTerm = term;
  }
  return findings;
}

/** @returns Of each view the first thing that is wrong: what follows from it is not told. */
function checkView(key: string, { name, seen }: View, journal: readonly Seen[]): Finding[] {
  const where = `${key} as ${name} saw it`;
  const places = new Map(journal.map(({ id }, i) => [id, i]));
  const had = new Set<string>();
  // A view may begin at any row, where its client came late; from there on it is whole.
  let next = places.get(seen[0]?.id ?? '') ?? 0;
  for (const { id, chunk } of seen) {
    const place = places.get(id);
    if (had.has(id)) return [{ rule: 'repeat', where, text: `${id} came again` }];
    if (place === undefined || journal[place]?.chunk !== chunk)
      return [
        { rule: 'differs', where, text: `${id} is ${journal[place ?? -1]?.chunk}: ${chunk}` },
      ];
    if (place !== next)
      return [{ rule: 'gap', where, text: `${id} came where ${journal[next]?.id} was due` }];
    had.add(id);
    next += 1;
  }
  if (next === journal.length) return [];
  return [{ rule: 'behind', where, text: `${journal.length - next} rows never came` }];
}
