/** What goes on now, and what stands under an answer once it is there. */
import type { AguiEvent } from '../../../transport/protocol.ts';
import { said } from '../chat.tsx';
import {
  ago,
  asking,
  begun,
  custom,
  ended,
  failed,
  LONG_WORD,
  text,
  thinking,
  tool,
  turn,
} from '../fixtures.ts';
import type { Section } from '../state.tsx';

const RETRY = { attempt: 2, maxRetries: 10, delayMs: 30_000, status: 529 };
const usage = (outputTokens: number) => custom('claude.usage', { outputTokens });
/** A run that began `seconds` ago and goes on with these, each as it was stamped. */
const since = (seconds: number, ...events: AguiEvent[]) => [
  ...ago(seconds, begun('Go')),
  ...events,
];

export const activity: Section = {
  id: 'activity',
  title: 'What goes on',
  states: [
    said('Waiting, without times', begun('Go')),
    said('Waiting', since(4)),
    said('Thinking', since(15, ...ago(12, thinking('Hm', true)))),
    said(
      'Writing',
      since(95, ...ago(90, thinking('Hm')), usage(1_240), ...ago(8, text('Here it', true))),
    ),
    said(
      'Running a tool',
      since(
        190,
        usage(34_210),
        ...ago(75, tool('Bash', { command: 'npm test -- --grep "resume"' })),
      ),
    ),
    said(
      'Running a tool with a long subject',
      since(190, usage(812), ...ago(75, tool('Bash', { command: `make ${LONG_WORD}` }))),
    ),
    said('Summarising', since(40, ...ago(25, [custom('claude.status', { status: 'compacting' })]))),
    said('Trying again', since(5, ...ago(1, [custom('claude.api_retry', RETRY)]))),
    said('Nothing heard', since(140, usage(310), ...ago(62, thinking('Hm', true)))),
    said('Waiting for approval', ago(33, begun('Do', ...asking(['Bash', { command: 'npm ci' }])))),
    said('Not connected', since(20, ...ago(8, text('Here it', true))), { isLive: false }),
  ],
};

const USAGE = {
  outcome: { type: 'success' as const },
  usage: [{ inputTokens: 12_400, outputTokens: 861, cachedInputTokens: 9_000 }],
  result: { costUsd: 0.0412, durationMs: 21_400 },
};

export const endings: Section = {
  id: 'endings',
  title: 'Under an answer',
  states: [
    said('With what it took', [
      ...begun('Why?', ...thought('Because', 12)),
      ...text('Because it **is** so.'),
      ended(USAGE),
    ]),
    said('Long ago', turn('Why?', ...text('Because it is so.'))),
    said('Failed, with nothing said', [
      ...begun('Why?'),
      failed('claude.stalled', 'Claude did not answer. What it wrote was kept.'),
    ]),
    said('Thought briefly', turn('Why?', ...thought('Because', 0.4), ...text('Because.'))),
  ],
};

/** Thoughts that took so long. */
function thought(delta: string, seconds: number): AguiEvent[] {
  const begin = Date.now() - 60_000;
  return thinking(delta).map((event) => {
    if (event.type === 'REASONING_MESSAGE_START') return { ...event, timestamp: begin };
    if (event.type === 'REASONING_MESSAGE_END')
      return { ...event, timestamp: begin + seconds * 1_000 };
    return event;
  });
}
