import { useSelector } from '@xstate/react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import type { FaultCode } from '../../faults.ts';
import { ActivityLine } from '../view/activity-line.tsx';
import { Announcer } from '../view/announcer.tsx';
import { ConnectionState } from '../view/connection-state.tsx';
import { useStickToBottom } from '../view/scroll.ts';
import { InLanguage } from '../words/in-language.tsx';
import { words } from '../words/words.ts';
import { SharedClient } from './shared-client.ts';
import { linkOf } from './shared-link.ts';
import { SharedRun } from './shared-run.tsx';

/** Shows the conversation that a link leads to, in the place of the chat. @param id Of the link. */
export function showShared(place: HTMLElement, id: string): void {
  const client = new SharedClient(id);
  client.start();
  createRoot(place).render(
    <InLanguage>
      <SharedPage client={client} />
    </InLanguage>,
  );
}

/** Another user's conversation, live: a banner that says whose, and the words. */
function SharedPage({ client }: { client: SharedClient }) {
  const said = words.share;
  const view = useSyncExternalStore(client.store.subscribe, client.store.view);
  const connection = useSelector(client.connection, (snapshot) => snapshot);
  const { scroller, content, atBottom, toBottom } = useStickToBottom();
  const shared = view.welcome?.shared ?? null;
  const fault = useSyncExternalStore(client.onFault, client.fault);
  const hasStopped = connection.matches('stopped') || fault === 'share.tooMany';
  const isSignedOut = connection.matches('signedOut');
  const by = shared?.by ?? '';
  // Nothing of the conversation stays once it has ended, in a tab's name either.
  const title = (!hasStopped && shared?.title) || 'Greenroom';
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <div className="shell">
      <div className="page shared-page">
        <header className="header">
          <h1 className="shared-title" title={title}>
            {title}
          </h1>
          {!hasStopped && !isSignedOut && (
            <ConnectionState connection={connection} onRetry={client.retry} />
          )}
          <nav className="actions" aria-label={said.home}>
            <a className="button" href="./">
              {said.home}
            </a>
          </nav>
        </header>
        {shared && !hasStopped && (
          <p className="banner shared-banner" role="status">
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d="M1.5 10S4.5 4.5 10 4.5 18.5 10 18.5 10 15.5 15.5 10 15.5 1.5 10 1.5 10z" />
              <circle cx="10" cy="10" r="2.5" />
            </svg>
            {said.readOnly(by)}
          </p>
        )}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
        <main className="scroller" ref={scroller} tabIndex={0} aria-label={said.conversation}>
          <div className="column" ref={content}>
            {hasStopped ? (
              <Ended fault={fault} why={connection.context.why} wasShown={shared !== null} />
            ) : (
              <>
                {!view.loaded && <p className="quiet loading">{said.opening}</p>}
                {view.loaded && view.runs.length === 0 && (
                  <p className="quiet loading">{said.empty}</p>
                )}
                <div className="conversation">
                  {view.before !== null && <Earlier key={view.before} client={client} />}
                  {view.runs.map((run) => (
                    <SharedRun key={run.id} run={run} by={by} />
                  ))}
                  <ActivityLine view={view} isLive={connection.matches({ attached: 'live' })} />
                </div>
              </>
            )}
          </div>
        </main>
        <div className="dock shared-dock">
          {!atBottom && !hasStopped && (
            <button type="button" className="new-below" onClick={toBottom}>
              <span aria-hidden="true">↓ </span>
              {said.newBelow}
            </button>
          )}
          {isSignedOut && (
            <p className="column shared-signed-out" role="alert">
              {said.signedOut} <a href={linkOf(client.id, document.baseURI)}>{said.signIn}</a>
            </p>
          )}
        </div>
        {!hasStopped && <Announcer runs={view.runs} />}
      </div>
    </div>
  );
}

interface EndedProps {
  fault: FaultCode | null;
  /** Where it is no fault of the link's. */
  why: string | null;
  /** It was, until just now. */
  wasShown: boolean;
}

/** In the place of the conversation. */
function Ended({ fault, why, wasShown }: EndedProps) {
  const said = words.share;
  if (fault === 'share.tooMany') return <Notice title={said.tooManyTitle}>{said.tooMany}</Notice>;
  if (fault !== 'share.unknown') return <Notice title={said.stoppedTitle}>{why}</Notice>;
  if (!wasShown) return <Notice title={said.unknownTitle}>{said.unknown}</Notice>;
  return <Notice title={said.endedTitle}>{said.ended}</Notice>;
}

function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="shared-ended" role="alert">
      <h2>{title}</h2>
      <p>{children}</p>
    </section>
  );
}

function Earlier({ client }: { client: SharedClient }) {
  const said = words.share;
  const [hasFailed, setFailed] = useState(false);
  const load = () =>
    client.loadEarlier().then(
      () => setFailed(false),
      () => setFailed(true),
    );
  return (
    <div className="earlier">
      <button type="button" className="link-button" onClick={() => void load()}>
        {hasFailed ? said.earlierFailed : said.earlier}
      </button>
    </div>
  );
}
