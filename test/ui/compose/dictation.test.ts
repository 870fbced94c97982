/** With a stand-in for the browser's recognition: a test has no voice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft } from '../../../src/ui/chat/draft.ts';
import {
  Dictation,
  type DictationState,
  type Recognition,
  recognitionIn,
} from '../../../src/ui/compose/dictation.ts';

class FakeRecognition implements Recognition {
  lang = '';
  continuous = false;
  interimResults = false;
  onstart: Recognition['onstart'] = null;
  onresult: Recognition['onresult'] = null;
  onerror: Recognition['onerror'] = null;
  onend: Recognition['onend'] = null;
  readonly calls: string[] = [];
  start = () => void this.calls.push('start');
  stop = () => void this.calls.push('stop');
  abort = () => void this.calls.push('abort');
  hear = (...parts: string[]) =>
    this.onresult?.({ results: parts.map((transcript) => [{ transcript }]) });
}

function dictate(text: string, start = text.length, end = start) {
  const draft = new Draft(null);
  draft.set(text);
  const states: DictationState[] = [];
  const made: FakeRecognition[] = [];
  const make = () => {
    made.push(new FakeRecognition());
    return made.at(-1)!;
  };
  const dictation = new Dictation(make, draft, (state) => states.push(state));
  draft.subscribe(() => dictation.heedDraft());
  dictation.start('de', { start, end });
  const heard = made[0]!;
  heard.onstart?.();
  return { draft, dictation, states, heard };
}

test('what is heard goes to the caret, and what was only guessed is replaced', () => {
  const { draft, heard, states } = dictate('Please now', 6);
  assert.deepEqual(
    [heard.lang, heard.interimResults, states],
    ['de', true, ['starting', 'listening']],
  );
  heard.hear('look');
  assert.equal(draft.text(), 'Please look now');
  heard.hear('book a', ' table');
  assert.equal(draft.text(), 'Please book a table now');
  heard.onend?.();
  assert.equal(states.at(-1), 'off');
});

test('sending and typing end it, and what is heard afterwards changes nothing', () => {
  for (const change of ['', 'typed']) {
    const { draft, heard, states } = dictate('');
    heard.hear('hello');
    draft.set(change);
    assert.deepEqual([heard.calls, states.at(-1)], [['start', 'abort'], 'off']);
    heard.hear('hello world');
    heard.onerror?.({ error: 'network' });
    assert.deepEqual([draft.text(), states.at(-1)], [change, 'off']);
  }
});

test('what goes wrong is said by its kind, and stays to be read', () => {
  const kinds = {
    'not-allowed': 'denied',
    'no-speech': 'notHeard',
    network: 'network',
    'audio-capture': 'noMicrophone',
    'something-new': 'failed',
  };
  for (const [error, state] of Object.entries(kinds)) {
    const { draft, heard, states } = dictate('kept');
    heard.onerror?.({ error });
    heard.onend?.();
    assert.deepEqual([states.at(-1), draft.text()], [state, 'kept']);
  }
});

test('it is offered only where the browser has it, under either name', () => {
  assert.equal(recognitionIn({}), null);
  assert.equal(recognitionIn({ webkitSpeechRecognition: FakeRecognition }), FakeRecognition);
});
