/** Wires what tells clients apart before they are known: where they come from, and how often they failed. */
import type { Config } from '../config.ts';
import type { Refused } from '../store/limits.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { EdgeWord } from '../transport/auth/edge-word.ts';
import { SignInAttempts } from '../transport/auth/sign-in-attempts.ts';
import { clientAddresses } from '../transport/client-address.ts';
import { RefusalLog } from '../transport/refusal-log.ts';

export function wireEdge(config: Config, log: Log, metrics: Metrics) {
  const { trustedProxies, maxSignInAttempts, forwardAuthSecret } = config;
  const warn = () =>
    log.warn(
      'a proxy on this machine sends X-Forwarded-For and is not in CHAT_TRUSTED_PROXIES: all who come through it count as one address',
    );
  const addresses = clientAddresses(trustedProxies ?? [], warn);
  return {
    addresses,
    refusals: new RefusalLog(log, addresses, (why) => metrics.refused(why)),
    throttled: ({ limit }: Refused) => metrics.throttled(limit),
    edgeWord: new EdgeWord(forwardAuthSecret),
    attempts: new SignInAttempts(maxSignInAttempts),
  };
}
