import { useState } from 'react';
import type { CapsuleView } from '../../transport/ops/protocol.ts';
import { sizeWords } from '../files/size-words.ts';
import { locale } from '../words/locale.ts';
import { opsWords } from '../words/ops.ts';
import { BackButton } from './back-button.tsx';
import type { OpsClient } from './client.ts';
import { KindMark } from './kind-mark.tsx';
import { count } from './numbers.ts';
import { type Asked, useAsked, useOps } from './use-ops.ts';

interface CapsulesProps {
  client: OpsClient;
  onBack: (() => void) | null;
  onReplay: (name: string) => void;
}

/** What was recorded and kept, to be downloaded or replayed. */
export function Capsules({ client, onBack, onReplay }: CapsulesProps) {
  const said = opsWords();
  const [again, setAgain] = useState(0);
  const asked = useAsked(client.api.capsules, again);
  const isOff = useOps(client, ({ about }) => about?.capsulesMax === 0);
  return (
    <section className="ops-detail" aria-label={said.capsulesTitle}>
      <div className="ops-head">
        {onBack && <BackButton onBack={onBack} />}
        <div className="ops-who">
          <h2>{said.capsulesTitle}</h2>
          <p className="quiet">{said.capsulesMean}</p>
        </div>
        <div className="ops-acts">
          <button type="button" className="button" onClick={() => setAgain(again + 1)}>
            {said.refresh}
          </button>
        </div>
      </div>
      <CapsuleList asked={asked} isOff={isOff} onReplay={onReplay} />
    </section>
  );
}

export function CapsuleList(props: {
  asked: Asked<{ capsules: CapsuleView[] }>;
  isOff: boolean;
  onReplay: (name: string) => void;
}) {
  const said = opsWords();
  const { asked } = props;
  if (props.isOff) return <p className="quiet ops-empty">{said.capsulesOff}</p>;
  if (asked.is === 'coming') return <p className="quiet ops-empty">{said.loadingCapsules}</p>;
  if (asked.is === 'failed')
    return (
      <p className="ops-empty bad" role="alert">
        {said.capsulesFailed} {asked.why}
      </p>
    );
  const { capsules } = asked.it;
  if (capsules.length === 0) return <p className="quiet ops-empty">{said.noCapsules}</p>;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: without bullets some readers do not call it a list
    <ul className="ops-capsules" role="list">
      {[...capsules]
        .sort((a, b) => b.at - a.at)
        .map((capsule) => (
          <li key={capsule.name} className="ops-capsule">
            <KindMark kind={capsule.kind} />
            <div className="ops-actor-words">
              <p className="ops-actor-first">
                <code className="ops-id">{capsule.actor}</code>
                <code className={capsule.why === 'operator' ? 'ops-why' : 'ops-why bad'}>
                  {capsule.why}
                </code>
              </p>
              <p className="ops-actor-facts">
                <span>{said.kinds[capsule.kind]}</span>
                <time>{whenWords(capsule.at)}</time>
                <span>{said.events(count(capsule.events))}</span>
                <span>{sizeWords(capsule.bytes)}</span>
              </p>
            </div>
            <div className="ops-acts">
              <button
                type="button"
                className="button"
                aria-label={said.replayNamed(capsule.name)}
                onClick={() => props.onReplay(capsule.name)}
              >
                {said.replay}
              </button>
              <a
                className="button"
                href={`capsules/${encodeURIComponent(capsule.name)}`}
                download={capsule.name}
                aria-label={said.downloadNamed(capsule.name)}
              >
                {said.download}
              </a>
            </div>
          </li>
        ))}
    </ul>
  );
}

function whenWords(at: number): string {
  return new Date(at).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'medium' });
}
