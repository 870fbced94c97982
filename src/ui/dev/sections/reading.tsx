/** What is read: prompts, answers, thoughts, notes between the words, and how a run ends. */
import type { PendingItem, ServerFrame } from '../../../transport/protocol.ts';
import { BranchSteps } from '../../branches/branch-steps.tsx';
import EditPrompt from '../../branches/edit-prompt.tsx';
import { said, told, WithClient } from '../chat.tsx';
import {
  begun,
  custom,
  ended,
  failed,
  hoursFromNow,
  LONG_WORD,
  newId,
  PICTURE,
  text,
  thinking,
  turn,
} from '../fixtures.ts';
import { MARKDOWN } from '../markdown-samples.ts';
import { type Section, state } from '../state.tsx';

const PARAGRAPH =
  'The server holds the conversation, so a page that comes back shows it as it was, and goes on where it left off. ';

function waits(item: Omit<PendingItem, 'runId'>): ServerFrame[] {
  return [{ type: 'pending', items: [{ runId: newId(), ...item }] }];
}

export const messages: Section = {
  id: 'messages',
  title: 'Messages',
  states: [
    said('Short', turn('Hello', ...text('Hello. What shall we work on?'))),
    said('Long', turn(PARAGRAPH.repeat(6), ...text(`${PARAGRAPH.repeat(5)}\n\n${PARAGRAPH}`))),
    said('A word longer than the page', turn(LONG_WORD, ...text(LONG_WORD))),
    said('Several lines', turn('One\nTwo\n\n    indented', ...text('Line one  \nline two'))),
    said(
      'Right to left',
      turn('מה עושה הפרויקט הזה?', ...text('# مشروع\n\nهذا الخادم يعرض **كل كلمة** عند وصولها.')),
    ),
    said('Being written', begun('Go on', ...text('So far there is **half a sen', true))),
    told('Queued behind another', [
      ...waits({ text: 'And then this', why: 'queued', waitsFor: 'turn', position: 1 }),
    ]),
    told(
      'Queued for room',
      waits({ text: 'Me too', why: 'queued', waitsFor: 'room', position: 3 }),
    ),
    told('With a picture', waits({ text: 'What is it?', images: [PICTURE], why: 'queued' })),
    told(
      'Held back by a limit',
      waits({ text: 'One more', why: 'parked', limit: 'hour', resetAt: hoursFromNow(0.4) }),
    ),
    told('Sending', [], { prepare: ({ store }) => sending(store, 'On its way') }),
    told('Not connected', [], {
      isLive: false,
      prepare: ({ store }) => sending(store, 'Sent once the line is back'),
    }),
    state('In branches', () => (
      <div className="user-status">
        <BranchSteps siblings={{ threads: ['a', 'b', 'c'], at: 1 }} />
      </div>
    )),
    state('Being said differently', () => (
      <WithClient>
        {(client) => (
          <EditPrompt
            item={{ kind: 'user', id: 'u', lane: null, runId: 'r', text: 'As I said', images: [] }}
            runId="r"
            client={client}
            onClose={() => {}}
            onSent={() => {}}
          />
        )}
      </WithClient>
    )),
  ],
};

function sending(store: { addSending: (prompt: Sent) => void }, words: string): void {
  store.addSending({ runId: newId(), text: words, images: [] });
}
interface Sent {
  runId: string;
  text: string;
  images: readonly never[];
}

export const markdown: Section = {
  id: 'markdown',
  title: 'Markdown',
  states: [
    ...Object.entries(MARKDOWN).map(([name, sample]) =>
      said(name, turn('Show me', ...text(sample))),
    ),
    said(
      'Being written',
      begun('Show me', ...text('This is **not fin\n\n```ts\nlet half = ', true)),
    ),
  ],
};

export const thoughts: Section = {
  id: 'thinking',
  title: 'Thinking',
  states: [
    said('Over', turn('Why?', ...thinking(PARAGRAPH.repeat(3)), ...text('Because.'))),
    said('Going on', begun('Why?', ...thinking('First, what is asked is', true))),
  ],
};

export const notes: Section = {
  id: 'notes',
  title: 'Notes and endings',
  states: [
    said('Summarised', turn('On', custom('claude.compact_boundary', {}), ...text('On it goes.'))),
    said(
      'Another model',
      turn('On', custom('claude.model_fallback', { fallbackModel: 'Haiku 4.5' }), ...text('Here.')),
    ),
    said('Stopped', [
      ...begun('Count to a million', ...text('One, two, three')),
      ended({ outcome: { type: 'cancelled' } as never }),
    ]),
    said('Failed', [
      ...begun('Fail', ...text('I will')),
      failed('claude.api', 'The Claude API answered with an error. Try again.'),
    ]),
    said('Out of tokens', [
      ...begun('Write a book', ...text('Chapter one. It was')),
      custom('receipt', {
        limit: 'tokens',
        used: 1_000_200,
        max: 1_000_000,
        runTokens: 48_310,
        resetAt: hoursFromNow(6),
      }),
      failed('limits.tokens', 'Today’s tokens are used up.'),
    ]),
    said('What it took', [
      ...begun('Do it', ...text('Done.')),
      ended({
        outcome: { type: 'success' },
        usage: [{ inputTokens: 1_204, outputTokens: 862, cachedInputTokens: 34_120 }] as never,
        result: { costUsd: 0.0412, durationMs: 74_300 },
      }),
    ]),
  ],
};
