/** What `greenroom inspect` is told: as operators in a browser, without the acts. */
import type { ControlStream } from '../transport/control-stream.ts';
import type { OpsDesk } from '../transport/ops/connection.ts';
import { Following } from '../transport/ops/following.ts';

export function inspectStream({ hub, roster, groupOf }: OpsDesk): ControlStream {
  return ({ actor }, { tell, unsentBytes }) => {
    const following = new Following({ hub, groupOf, tell, unsentBytes });
    if (typeof actor === 'string') following.follow(actor);
    const leave = roster.join(tell, unsentBytes);
    return () => {
      following.close();
      leave();
    };
  };
}
