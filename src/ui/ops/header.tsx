import type { OpsAct } from '../../transport/ops/protocol.ts';
import { opsWords } from '../words/ops.ts';
import { words } from '../words/words.ts';
import type { OpsClient } from './client.ts';
import type { Route } from './route.ts';
import { ALL } from './state.ts';
import { useOps } from './use-ops.ts';

interface OpsHeaderProps {
  client: OpsClient;
  route: Route;
  onGo: (route: Route) => void;
  onAct: (act: OpsAct) => void;
}

/** What the server is, and what concerns all of it. */
export function OpsHeader({ client, route, onGo, onAct }: OpsHeaderProps) {
  const said = opsWords();
  const line = useOps(client, ({ line }) => line.is);
  const about = useOps(client, ({ about }) => about);
  const logLevel = useOps(client, ({ figures }) => figures.at(-1)?.logLevel ?? null);
  const isDraining = useOps(client, ({ figures }) => figures.at(-1)?.draining ?? false);
  const isAll = route.show === 'actor' && route.actor === ALL;
  const isCapsules = route.show === 'capsules' || route.show === 'replay';
  return (
    <header className="ops-header">
      <div className="ops-title">
        <h1>{said.title}</h1>
        <span className={`ops-line line-${line}`} role="status">
          <span className="ops-dot" aria-hidden="true" />
          {line === 'live' || line === 'connecting' || line === 'waiting' ? said.line[line] : ''}
        </span>
        {about && (
          <p className="ops-about">
            <span title={said.version}>Greenroom {about.version}</span>
            <span title={said.agent}>
              {about.agent.kind === 'demo'
                ? said.demoAgent
                : words.trust.claude(about.agent.version)}
            </span>
            <span title={said.sandbox}>{about.sandbox}</span>
          </p>
        )}
      </div>
      <nav className="ops-nav" aria-label={said.title}>
        <button
          type="button"
          className="button"
          aria-pressed={isAll}
          onClick={() => onGo(isAll ? { show: 'nothing' } : { show: 'actor', actor: ALL })}
        >
          {said.allEvents}
        </button>
        {about?.capsulesMax !== 0 && (
          <button
            type="button"
            className="button"
            aria-pressed={isCapsules}
            onClick={() => onGo({ show: isCapsules ? 'nothing' : 'capsules' })}
          >
            {said.capsules}
          </button>
        )}
        {about?.inspectorUrl != null && (
          <a className="button" href="stately">
            {said.stately}
          </a>
        )}
        <button
          type="button"
          className="button"
          disabled={logLevel === null}
          onClick={() => onAct({ act: 'logLevel', level: levelOf(logLevel) })}
        >
          {said.logLevel}
          {logLevel !== null && <code>{logLevel}</code>}
        </button>
        <button
          type="button"
          className="button danger"
          disabled={line !== 'live' || isDraining}
          onClick={() => onAct({ act: 'drain' })}
        >
          {said.drain}
        </button>
        <a className="button quiet-button" href="../">
          {said.toChat}
        </a>
      </nav>
    </header>
  );
}

function levelOf(level: string | null) {
  return level === 'debug' || level === 'warn' || level === 'error' ? level : 'info';
}
