/** What stands around the conversation: header, composer, notices, limits. */
import { createRef, lazy, Suspense } from 'react';
import type { SnapshotFrom } from 'xstate';
import { SignedOutNotice } from '../../account/signed-out-notice.tsx';
import type { ChatClient } from '../../chat/client.ts';
import { Attachments } from '../../compose/attachments.ts';
import { connectionMachine } from '../../connection.machine.ts';
import { LimitMeter } from '../../limits/limit-meter.tsx';
import { AgentBanner } from '../../view/agent-banner.tsx';
import { Composer } from '../../view/composer.tsx';
import { ContextMeter } from '../../view/context-meter.tsx';
import { EmptyState } from '../../view/empty-state.tsx';
import { Header } from '../../view/header.tsx';
import { Notices } from '../../view/notices.tsx';
import { words } from '../../words/words.ts';
import { WithClient } from '../chat.tsx';
import { begun, hoursFromNow, kept, LONG_WORD, limits, PICTURE, text } from '../fixtures.ts';
import { type Section, type State, state } from '../state.tsx';

const AttachmentStrip = lazy(() => import('../../compose/attachment-strip.tsx'));

type Connection = SnapshotFrom<typeof connectionMachine>;
type Place = Parameters<typeof connectionMachine.resolveState>[0]['value'];

function connected(name: string, value: Place, change: Partial<Connection['context']> = {}): State {
  const closed = { wide: true, open: false, toggle: () => {}, close: () => {} };
  return state(
    name,
    () => (
      <WithClient>
        {(client) => (
          <Header
            connection={connectionMachine.resolveState({
              value,
              context: { ...client.connection.getSnapshot().context, ...change },
            })}
            sidebar={closed}
            files={{ ...closed, button: createRef() }}
            onNewChat={() => {}}
            onPalette={() => {}}
            onRetry={() => {}}
            onTrust={() => {}}
            account={null}
          />
        )}
      </WithClient>
    ),
    'line',
  );
}

export const connection: Section = {
  id: 'connection',
  title: 'Connection',
  states: [
    connected('Live', { attached: { live: 'sure' } }),
    connected('Checking', { attached: { live: 'doubtful' } }),
    connected('Connecting', { attached: 'connecting' }),
    connected('Catching up', { attached: 'catchingUp' }),
    connected('Reconnecting', { attached: 'connecting' }, { tries: 1 }),
    connected('Offline', 'waiting', {
      tries: 4,
      retryMs: 20_000,
      retryAt: hoursFromNow(0.005),
    }),
    connected('Refused', 'refused'),
    connected('Stopped', 'stopped', { why: 'This conversation was deleted' }),
    connected('Signing out', 'leaving'),
    connected('Signed out', { signedOut: 'resting' }),
  ],
};

function noticed(name: string, prepare: (client: ChatClient) => void): State {
  return state(name, () => (
    <WithClient prepare={prepare}>
      {(client, view) => <Notices view={view} store={client.store} />}
    </WithClient>
  ));
}

export const notices: Section = {
  id: 'notices',
  title: 'Notices',
  states: [
    noticed('Restart', ({ store }) =>
      store.receive({ type: 'draining', reconnectAfterMs: 1, deadlineMs: 1 }),
    ),
    noticed('Sign-in ends', ({ store }) => store.receive({ type: 'expiring', inMs: 600_000 })),
    noticed('Fault', ({ store }) =>
      store.receive({
        type: 'fault',
        code: 'store.unavailable',
        message: 'Nothing can be kept just now. Try again in a moment.',
      }),
    ),
    noticed('Three', ({ store }) => {
      store.notice('a', 'One thing to know.');
      store.notice('b', `Another, with ${LONG_WORD}.`);
      store.notice('c', 'And a third.');
    }),
    noticed('Refused by a limit', ({ store }) =>
      store.receive({
        type: 'throttled',
        runId: 'r',
        limit: 'hour',
        retryAfterMs: 60_000,
        remaining: 0,
        max: 60,
        resetAt: hoursFromNow(0.4),
        parked: false,
      }),
    ),
    state('Signed out', () => <SignedOutNotice onSignIn={() => {}} />),
    state('Demo agent', () => (
      <AgentBanner agent={{ kind: 'demo', model: null, version: null, notice: null }} />
    )),
  ],
};

const used = (share: number) => ({
  used: Math.round(60 * share),
  max: 60,
  resetAt: hoursFromNow(0.6),
});

export const meters: Section = {
  id: 'limits',
  title: 'Limits and context',
  states: [
    ...[0.1, 0.7, 0.92, 1].map((share) =>
      state(`${Math.round(share * 100)} % used`, () => (
        <LimitMeter limits={limits({ hour: used(share) })} />
      )),
    ),
    ...[12_000, 184_000].map((usedTokens) =>
      state(`Context: ${usedTokens} tokens`, () => (
        <ContextMeter context={{ usedTokens, maxTokens: 200_000 }} />
      )),
    ),
  ],
};

function composing(name: string, draft: string, frames: Parameters<typeof kept>[0] = []): State {
  return state(name, () => (
    <WithClient frames={kept(frames)} prepare={(client) => client.draft.set(draft)}>
      {(client, view) => (
        <Composer ref={createRef()} client={client} view={view} onSend={() => {}} />
      )}
    </WithClient>
  ));
}

const OFFER = { types: ['image/png'], maxBytes: 1_000_000, maxPerPrompt: 4 };
const READY = { id: 'up', url: PICTURE, mimeType: 'image/png', bytes: 100 };

function attached(): Attachments {
  const answers = [
    () => Promise.resolve(READY),
    () => new Promise<never>(() => {}),
    () => Promise.reject(new Error('The server cannot be reached just now.')),
  ];
  const attachments = new Attachments(() => answers.shift()?.() ?? Promise.resolve(READY), null);
  const files = ['plan.png', 'on-its-way.png', 'failed.png'].map(
    (name) => new File([name], name, { type: 'image/png' }),
  );
  attachments.add(files, OFFER);
  return attachments;
}

export const composer: Section = {
  id: 'composer',
  title: 'Composer',
  states: [
    composing('Empty', ''),
    composing('With words', 'Explain the\nstraight line, please'),
    composing('Right to left', 'מה עושה הפרויקט הזה?'),
    composing('Too long', 'word '.repeat(7_000)),
    composing('While Claude answers', '', begun('Go', ...text('Here it', true))),
    composing('Commands to choose from', '/'),
    state('Images', () => (
      <Suspense fallback={null}>
        <AttachmentStrip
          attachments={attached()}
          offer={OFFER}
          box={createRef()}
          onRefused={() => {}}
        />
      </Suspense>
    )),
  ],
};

export const empty: Section = {
  id: 'empty',
  title: 'Empty and loading',
  states: [
    state('A fresh chat', () => (
      <WithClient>
        {(client, view) => <EmptyState client={client} view={view} onPick={() => {}} />}
      </WithClient>
    )),
    state('Opening', () => <p className="quiet loading">{words.thread.opening}</p>),
  ],
};
