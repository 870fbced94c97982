import { useCallback, useMemo } from 'react';
import type { CapsuleSteps } from '../../transport/ops/protocol.ts';
import { opsWords } from '../words/ops.ts';
import { BackButton } from './back-button.tsx';
import type { OpsClient } from './client.ts';
import { KindMark } from './kind-mark.tsx';
import { trailOf } from './replayed.ts';
import { TrailView } from './trail-view.tsx';
import { useAsked } from './use-ops.ts';

/** A capsule, gone through as if it were living. */
export function Replay(props: { client: OpsClient; name: string; onBack: () => void }) {
  const said = opsWords();
  const { client, name } = props;
  const steps = useAsked(useCallback(() => client.api.steps(name), [client, name]));
  return (
    <section className="ops-detail" aria-label={said.replayOf}>
      <div className="ops-head">
        <BackButton onBack={props.onBack} />
        <div className="ops-who">
          <h2>
            {steps.is === 'there' && <KindMark kind={steps.it.capsule.kind} />}
            {said.replayOf}
          </h2>
          <p className="ops-actor-facts">
            <code>{name}</code>
          </p>
        </div>
      </div>
      {steps.is === 'coming' && <p className="quiet ops-empty">{said.opening}</p>}
      {steps.is === 'failed' && (
        <p className="ops-empty bad" role="alert">
          {said.replayFailed} {steps.why}
        </p>
      )}
      {steps.is === 'there' && <Replayed client={client} steps={steps.it} />}
    </section>
  );
}

function Replayed({ client, steps }: { client: OpsClient; steps: CapsuleSteps }) {
  const said = opsWords();
  const trail = useMemo(() => trailOf(steps), [steps]);
  const { actor, kind } = steps.capsule;
  return (
    <>
      <p className={steps.identical ? 'ops-note good' : 'ops-note bad'}>
        {steps.identical ? said.identical : said.notIdentical}
        {!steps.sameMachine && ` ${said.otherMachine}`}
      </p>
      <TrailView client={client} trail={trail} actor={actor} kind={kind} isLive={false} />
    </>
  );
}
