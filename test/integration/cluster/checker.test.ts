/** The checker of the cluster test finds each kind of fault in a history that has it, and none in one that has not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  AgentNote,
  ConversationAccount,
  Disruption,
  Finding,
  Life,
  PromptSent,
  Seen,
} from '../../support/cluster/account.ts';
import { type AgentsAccount, checkAgents } from '../../support/cluster/check-agents.ts';
import { checkMessages } from '../../support/cluster/check-messages.ts';
import { checkRuns } from '../../support/cluster/check-runs.ts';
import { checkViews } from '../../support/cluster/check-views.ts';

const rulesOf = (findings: readonly Finding[]) => findings.map(({ rule }) => rule);

/** Rows of one term, at a row a second. */
function journalOf(...chunks: object[]): Seen[] {
  return chunks.map((chunk, i) => ({
    ...{ id: `7.${i + 1}`, chunk: JSON.stringify(chunk), at: i * 1_000 },
  }));
}
const started = (runId: string, parentRunId?: string) => ({
  ...{ type: 'RUN_STARTED', threadId: 't', runId, ...(parentRunId ? { parentRunId } : {}) },
});
const says = (delta: string) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta });
const finished = (runId: string, type = 'success') => ({
  ...{ type: 'RUN_FINISHED', threadId: 't', runId, outcome: { type } },
});
const failed = (code: string) => ({ type: 'RUN_ERROR', code, message: '' });
const wellDone = [started('r1'), says('p1.0 p1.1 '), finished('r1')];

const prompt = (more: Partial<PromptSent> = {}): PromptSent => ({
  ...{
    runId: 'r1',
    tag: 'p1',
    words: 2,
    isAnswer: false,
    sentAt: 0,
    acceptedAt: 1,
    aborted: false,
    ...more,
  },
});
const account = (more: Partial<ConversationAccount> = {}): ConversationAccount => ({
  ...{ key: 'ada/t', journal: journalOf(...wellDone), views: [], prompts: [prompt()], ...more },
});

describe('what clients saw', () => {
  const journal = journalOf(...wellDone);
  const [first, second, third] = journal as [Seen, Seen, Seen];
  const viewed = (...seen: Seen[]) =>
    rulesOf(checkViews(account({ journal, views: [{ name: 'a tab', seen }] })));

  test('[R3] [R21] all of it, or all from a row on, is as it should be', () => {
    assert.deepEqual(viewed(first, second, third), []);
    assert.deepEqual(viewed(second, third), []);
  });

  test('[R3] [R21] a row that is missing, doubled, late, changed, or of nowhere is found', () => {
    assert.deepEqual(viewed(first, third), ['gap']);
    assert.deepEqual(viewed(first, second, second, third), ['repeat']);
    assert.deepEqual(viewed(first, third, second), ['gap']);
    assert.deepEqual(viewed(first, second), ['behind']);
    assert.deepEqual(viewed(first, { ...second, chunk: third.chunk }, third), ['differs']);
    assert.deepEqual(viewed(first, second, third, { ...third, id: '6.4' }), ['differs']);
    assert.deepEqual(viewed(), ['behind']);
  });

  test('[WA3] messages that say less, more or something else than the journal are found', () => {
    const messages = (...said: string[]) =>
      said.map((content, i) => ({ id: `m${i}`, role: 'assistant' as const, content }));
    const rules = (...said: string[]) =>
      rulesOf(checkMessages('a tab', messages(...said), journalOf(...wellDone)));
    assert.deepEqual(rules('p1.0 p1.1 '), []);
    assert.deepEqual(rules('p1.0 ', 'p1.1 '), []);
    assert.deepEqual(rules('p1.0 '), ['differs']);
    assert.deepEqual(rules('p1.1 '), ['differs']);
    assert.deepEqual(rules('p1.0 p1.1 ', 'p1.1 '), ['differs']);
    assert.deepEqual(rules(), ['differs']);
  });

  test('[R17] a journal with a hole, or with a term that falls, is found', () => {
    const rules = (...rows: Seen[]) => rulesOf(checkViews(account({ journal: rows })));
    assert.deepEqual(rules(first, second, { ...third, id: '9.3' }), []);
    assert.deepEqual(rules(first, { ...second, id: '7.3' }), ['journal']);
    assert.deepEqual(rules(first, { ...second, id: '6.2' }), ['journal']);
  });
});

describe('runs', () => {
  const NOTES: AgentNote[] = [
    { at: 500, pid: 1, session: 's', what: 'prompt', detail: 'p1', node: 'anna' },
  ];
  const checked = (
    chunks: object[],
    prompts: PromptSent[] = [prompt()],
    disruptions: Disruption[] = [],
  ) => rulesOf(checkRuns(account({ journal: journalOf(...chunks), prompts }), NOTES, disruptions));
  const disruption = (more: Partial<Disruption> = {}): Disruption => ({
    ...{ node: 'anna', what: 'killed', from: 1_000, to: 1_500, isFrozen: false, ...more },
  });

  test('a run that ends well with all its words is as it should be', () => {
    assert.deepEqual(checked(wellDone), []);
  });

  test('[R11] an accepted prompt that never began is found; one that was taken back, or refused, may be without', () => {
    assert.deepEqual(checked([]), ['lost']);
    assert.deepEqual(checked([], [prompt({ aborted: true })]), []);
    assert.deepEqual(checked([], [prompt({ acceptedAt: null })]), []);
  });

  test('[R10] [R19] a run that began twice, or that nobody sent, is found', () => {
    assert.deepEqual(checked([...wellDone, ...wellDone]), ['twice']);
    assert.deepEqual(checked([...wellDone, started('r2'), finished('r2')]), ['twice']);
  });

  test('[R10] one without an end, or with rows beside it, is found', () => {
    assert.deepEqual(checked([started('r1'), says('p1.0 ')]), ['unended']);
    assert.deepEqual(checked([...wellDone, says('more')]), ['unended']);
    assert.deepEqual(
      checked([started('r1'), ...wellDone.slice(1), finished('r1')]),
      ['unended'],
      'a second end',
    );
  });

  test('[R3] words that are missing, doubled or of another are found', () => {
    const saying = (...words: string[]) => [started('r1'), ...words.map(says), finished('r1')];
    assert.deepEqual(checked(saying('p1.0 ')), ['words']);
    assert.deepEqual(checked(saying('p1.0 ', 'p1.0 ', 'p1.1 ')), ['words']);
    assert.deepEqual(checked(saying('p1.1 ', 'p1.0 ')), ['words']);
    assert.deepEqual(checked(saying('p2.0 ', 'p2.1 ')), ['words']);
  });

  test('[R10] a run is cut off only where something happened to its server, or to the database, meanwhile', () => {
    const cut = [started('r1'), says('p1.0 '), failed('interrupted')];
    const during = (more?: Partial<Disruption>) => checked(cut, undefined, [disruption(more)]);
    assert.deepEqual(during(), []);
    assert.deepEqual(during({ node: null }), []);
    assert.deepEqual(checked(cut), ['interrupted']);
    assert.deepEqual(during({ node: 'bert' }), ['interrupted']);
    assert.deepEqual(during({ from: 9_000, to: 9_500 }), ['interrupted']);
    assert.deepEqual(during({ from: -2_000, to: -1_000 }), ['interrupted']);
  });

  test('other ends are found, and a stop that nobody asked for', () => {
    const ending = (end: object) => [started('r1'), says('p1.0 '), end];
    assert.deepEqual(checked(ending(failed('claude.crashed'))), ['ended']);
    assert.deepEqual(checked(ending(finished('r1', 'cancelled'))), ['ended']);
    assert.deepEqual(checked(ending(finished('r1', 'cancelled')), [prompt({ aborted: true })]), []);
  });

  test('a question that was cut off may be ended by a run of its own, and by nothing else', () => {
    const asking = [started('r1'), finished('r1', 'interrupt')];
    const sent = [prompt({ words: 0 })];
    assert.deepEqual(checked([...asking, started('x', 'r1'), failed('interrupted')], sent), []);
    assert.deepEqual(checked([...asking, started('x', 'r1'), finished('x')], sent), ['twice']);
  });

  test('a prompt that is overtaken by one that was sent once it was accepted is found', () => {
    const second = prompt({ runId: 'r2', tag: 'p2', words: 0, sentAt: 5, acceptedAt: 6 });
    const other = [started('r2'), finished('r2')];
    assert.deepEqual(checked([...wellDone, ...other], [prompt(), second]), []);
    assert.deepEqual(checked([...other, ...wellDone], [prompt(), second]), ['overtaken']);
    const atOnce = { ...second, sentAt: 0 };
    assert.deepEqual(checked([...other, ...wellDone], [prompt(), atOnce]), []);
  });
});

describe('processes', () => {
  const life = (pid: number, from: number, to: number, node = 'anna'): Life => ({
    ...{ session: 's', pid, node, from, to },
  });
  const note = (what: AgentNote['what'], detail: string, at: number): AgentNote => ({
    ...{ at, pid: 1, session: 's', what, detail, node: 'anna' },
  });
  const checked = (more: Partial<AgentsAccount>) =>
    rulesOf(
      checkAgents({
        ...{
          notes: [],
          lives: [],
          disruptions: [],
          ended: new Set(['p1', 'p2']),
          overlapMs: 1_500,
        },
        ...more,
      }),
    );
  const frozen: Disruption = { node: 'anna', what: 'frozen', from: 0, to: 9_000, isFrozen: true };

  test('[R16] a second live process of a conversation is found', () => {
    assert.deepEqual(checked({ lives: [life(1, 0, 10), life(2, 11, 20)] }), []);
    assert.deepEqual(checked({ lives: [life(1, 0, 12), life(2, 11, 20)] }), ['twoProcesses']);
    assert.deepEqual(checked({ lives: [life(2, 11, 20), life(1, 0, 30)] }), ['twoProcesses']);
    assert.deepEqual(
      checked({ lives: [life(1, 0, 12), { ...life(2, 11, 20), session: 'other' }] }),
      [],
    );
  });

  test('[R16] a frozen server’s may live beside its successor for half a lease, and no longer', () => {
    const beside = (ms: number, disruptions: Disruption[]) =>
      checked({ lives: [life(1, 0, 5_000 + ms), life(2, 5_000, 20_000, 'bert')], disruptions });
    assert.deepEqual(beside(1_400, [frozen]), []);
    assert.deepEqual(beside(1_600, [frozen]), ['twoProcesses']);
    assert.deepEqual(beside(1_400, [{ ...frozen, node: 'bert' }]), ['twoProcesses']);
    assert.deepEqual(beside(1_400, [{ ...frozen, isFrozen: false }]), ['twoProcesses']);
    assert.deepEqual(beside(1_400, [{ ...frozen, to: 4_000 }]), ['twoProcesses']);
  });

  test('[R19] a prompt, or an answer, that was handed over twice is found', () => {
    assert.deepEqual(
      checked({ notes: [note('prompt', 'p1', 1), note('answer', 'p1:allow', 2)] }),
      [],
    );
    assert.deepEqual(checked({ notes: [note('prompt', 'p1', 1), note('prompt', 'p1', 2)] }), [
      'twice',
    ]);
    const answers = [note('answer', 'p1:allow', 1), note('answer', 'p1:allow', 2)];
    assert.deepEqual(checked({ notes: answers }), ['twice']);
  });

  test('[R18] a process that does not know what was said before is found', () => {
    const begun = (known: string, disruptions: Disruption[] = []) =>
      checked({
        notes: [note('turn', 'p1', 1), note('turn', 'p2', 2), note('start', known, 3)],
        disruptions,
      });
    assert.deepEqual(begun('2'), []);
    assert.deepEqual(begun('1'), ['memory']);
    assert.deepEqual(begun('1', [frozen]), [], 'the last turn may be lost with its server');
    assert.deepEqual(begun('0', [frozen]), ['memory']);
  });
});
