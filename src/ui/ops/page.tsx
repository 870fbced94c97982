import { useEffect, useState } from 'react';
import type { OpsAct } from '../../transport/ops/protocol.ts';
import { useWide } from '../view/use-wide.ts';
import { opsWords } from '../words/ops.ts';
import { ActDialog, type Result } from './act-dialog.tsx';
import { ActorList } from './actor-list.tsx';
import { ActorView } from './actor-view.tsx';
import { Capsules } from './capsules.tsx';
import type { OpsClient } from './client.ts';
import { FiguresStrip } from './figures.tsx';
import { OpsHeader } from './header.tsx';
import { LineBanner } from './line-banner.tsx';
import { Outcome } from './outcome.tsx';
import { Replay } from './replay.tsx';
import { useOps, useRoute } from './use-ops.ts';

/** What is shown beside the list needs this much. */
const WIDE = '(min-width: 900px)';

/** All that operators see: the server's figures, its living actors, and the one that is followed. */
export function OpsPage({ client }: { client: OpsClient }) {
  const said = opsWords();
  const line = useOps(client, ({ line }) => line);
  const [route, go] = useRoute();
  const isWide = useWide(WIDE);
  const [asked, ask] = useState<OpsAct | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const actor = route.show === 'actor' ? route.actor : null;
  useEffect(() => {
    document.title = `${said.title} · Greenroom`;
  }, [said]);
  useEffect(() => {
    if (client.state().followed?.actor !== (actor ?? undefined)) client.follow(actor);
  }, [client, actor]);
  const isHome = route.show === 'nothing';
  const leave = () => go({ show: 'nothing' });
  const onBack = isWide ? null : leave;
  const isBarred = line.is === 'signedOut' || line.is === 'refused';
  return (
    <div className={isHome ? 'ops' : 'ops in-detail'}>
      <OpsHeader client={client} route={route} onGo={go} onAct={ask} />
      {isBarred ? (
        <main>
          <LineBanner client={client} />
        </main>
      ) : (
        <>
          <LineBanner client={client} />
          {(isWide || isHome) && <FiguresStrip client={client} />}
          <main className="ops-panes">
            {(isWide || isHome) && (
              <ActorList
                client={client}
                followed={actor}
                onFollow={(id) => go({ show: 'actor', actor: id })}
              />
            )}
            {route.show === 'actor' && (
              <ActorView
                key={route.actor}
                client={client}
                actor={route.actor}
                onBack={onBack}
                onAct={ask}
                onFollow={(id) => go({ show: 'actor', actor: id })}
              />
            )}
            {route.show === 'capsules' && (
              <Capsules
                client={client}
                onBack={onBack}
                onReplay={(name) => go({ show: 'replay', name })}
              />
            )}
            {route.show === 'replay' && (
              <Replay
                key={route.name}
                client={client}
                name={route.name}
                onBack={() => go({ show: 'capsules' })}
              />
            )}
            {isHome && isWide && (
              <section className="ops-detail ops-pick" aria-label={said.actors}>
                <p>{said.pick}</p>
                <p className="quiet">{said.pickHint}</p>
              </section>
            )}
          </main>
        </>
      )}
      <Outcome result={result} onGone={() => setResult(null)} />
      {asked && (
        <ActDialog
          key={JSON.stringify(asked)}
          act={asked}
          client={client}
          onResult={setResult}
          onClose={() => ask(null)}
        />
      )}
    </div>
  );
}
