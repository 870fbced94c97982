/** Who a client is, told to its session; and what that decides: whether it comes in, or why not. */
import { faultIn } from '../faults.ts';
import type { Identity, SessionContext } from '../machines/session.events.ts';
import type { SignInEnds } from '../machines/sign-in-ends.ts';
import type { SignIns } from './auth/sign-ins.ts';
import type { Session } from './session.ts';

/**
 * Looks at the sign-in of a session, at once where the store need not be asked.
 * @param then Called once, when it was let in or has closed, which it may before it is known who it is.
 */
export function decide(
  { actor, signInId }: Session,
  signIns: SignIns,
  ends: SignInEnds,
  then: (context: SessionContext) => void,
): void {
  const verified = (identity: Identity) => {
    ends.expect(identity.expiresAt);
    actor.send({ type: 'signIn.verified', identity });
  };
  const refused = (error: unknown) => actor.send({ type: 'signIn.refused', fault: faultIn(error) });
  const known = signIns.known(signInId);
  if (known !== null) {
    verified(known);
    return then(actor.getSnapshot().context);
  }
  const decided = actor.subscribe(({ value, context }) => {
    if (value === 'authenticating') return;
    decided.unsubscribe();
    then(context);
  });
  signIns.verifyId(signInId).then(verified, refused);
}
