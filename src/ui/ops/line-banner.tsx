import { opsWords } from '../words/ops.ts';
import type { OpsClient } from './client.ts';
import { useOps } from './use-ops.ts';

/** What stands between the page and its server, and what mends it. */
export function LineBanner({ client }: { client: OpsClient }) {
  const said = opsWords().line;
  const line = useOps(client, ({ line }) => line.is);
  const isListed = useOps(client, ({ isListed }) => isListed);
  const isDraining = useOps(client, ({ figures }) => figures.at(-1)?.draining ?? false);
  if (line === 'signedOut')
    return (
      <Banner bad={true} text={said.signedOut}>
        <a className="button primary" href="../login">
          {said.signIn}
        </a>
      </Banner>
    );
  if (line === 'refused')
    return (
      <Banner bad={true} text={said.refused}>
        <a className="button" href="../">
          {opsWords().toChat}
        </a>
      </Banner>
    );
  if (line === 'waiting')
    return (
      <Banner bad={true} text={isListed ? said.stale : said.waiting}>
        <button type="button" className="button" onClick={() => client.start()}>
          {said.tryNow}
        </button>
      </Banner>
    );
  return isDraining ? <Banner bad={false} text={said.draining} /> : null;
}

function Banner(props: { bad: boolean; text: string; children?: React.ReactNode }) {
  return (
    <div className={props.bad ? 'ops-banner bad' : 'ops-banner'} role="status">
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}
