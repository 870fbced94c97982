import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activityOf, countdown, duration } from '../../../src/ui/chat/activity.ts';
import { emptyRun, type Item, type Run } from '../../../src/ui/chat/thread.ts';
import { exactInput, toolSummary } from '../../../src/ui/chat/tool-summary.ts';

const part = { lane: null };
const text = (open: boolean): Item => ({ ...part, kind: 'text', id: 'm', text: 'x', open });
const thinking = (open: boolean): Item => ({ ...part, kind: 'thinking', id: 't', text: '', open });
const tool = (state: 'writing' | 'running' | 'done'): Item => ({
  ...part,
  kind: 'tool',
  id: 'c',
  name: 'Bash',
  parentId: null,
  args: '{"command":"ls"}',
  result: null,
  fullLength: null,
  denied: null,
  state,
});
const run = (...items: Item[]): Run => ({ ...emptyRun('r', null, 0), items });
const label = (...items: Item[]) => activityOf([run(...items)])?.label;

test('what goes on is said from what was seen, and nothing more', () => {
  assert.equal(label(), 'Waiting for Claude');
  assert.equal(label(thinking(true)), 'Thinking');
  assert.equal(label(thinking(false)), 'Waiting for Claude');
  assert.equal(label(text(true)), 'Writing');
  assert.equal(label(text(false), tool('writing')), 'Preparing Bash');
  assert.equal(label(tool('running'), text(false)), 'Running Bash');
  assert.equal(label(tool('done')), 'Waiting for Claude');
  assert.equal(activityOf([{ ...run(text(false)), state: 'done' }]), null);
  assert.equal(activityOf([]), null);
});

test('a tool that was approved runs in the run that goes on', () => {
  const asked: Run = { ...run(tool('running')), id: 'r1', state: 'answered' };
  const on: Run = { ...emptyRun('r2', 'r1', 0) };
  const { key, label, detail } = activityOf([asked, on]) ?? {};
  assert.deepEqual({ key, label, detail }, { key: 'c', label: 'Running Bash', detail: 'ls' });
});

test('times read as people say them', () => {
  assert.equal(duration(7_400), '7 s');
  assert.equal(duration(65_000), '1 min 05 s');
  assert.equal(countdown(500), '0:01');
  assert.equal(countdown(754_000), '12:34');
  assert.equal(countdown(3_723_000), '1:02:03');
  assert.equal(countdown(-5), '0:00');
});

test('a call’s line names what it works on; broken or foreign input names nothing', () => {
  assert.equal(toolSummary('Bash', '{"description":"d","command":"ls\\n -l"}'), 'ls -l');
  assert.equal(toolSummary('Bash', '{"file_path":"/a"}'), '/a');
  assert.equal(toolSummary('Bash', '{"comm'), '');
  assert.equal(toolSummary('Bash', '[1]'), '');
  assert.equal(toolSummary('Bash', '{"other":1}'), '');
});

test('[R63] what is to be approved is shown exactly: nothing cut, no field left out', () => {
  assert.deepEqual(exactInput({ command: 'a\n  b', description: 'why' }), {
    text: 'a\n  b',
    note: 'why',
  });
  const more = { command: 'ls', run_in_background: true };
  assert.deepEqual(JSON.parse(exactInput(more).text), more);
  const long = { content: 'x'.repeat(100_000) };
  assert.deepEqual(JSON.parse(exactInput(long).text), long);
});
