/** The settings about where clients come from, and how much of them is taken. */
import { isIP } from 'node:net';
import { cap, httpUrl, integer, list, Refused, secret, setting, wholeNumber } from './settings.ts';

const SOCKETS_MAX = 1_000_000;

export const EDGE_SETTINGS = {
  trustedProxies: list(
    'CHAT_TRUSTED_PROXIES',
    'proxies whose X-Forwarded-For is believed; unset: none is, and all who come through one proxy count as one address',
    'IP addresses or CIDR ranges such as 127.0.0.1 or 10.0.0.0/8',
    addressRange,
  ),
  maxSockets: integer('CHAT_MAX_SOCKETS', 'WebSockets open at once', 'sockets', {
    initial: 10_000,
    min: 1,
    max: SOCKETS_MAX,
  }),
  maxSocketsPerUser: integer(
    'CHAT_MAX_SOCKETS_PER_USER',
    'WebSockets open at once per user',
    'sockets',
    { initial: 50, min: 1, max: SOCKETS_MAX },
  ),
  maxSocketsPerAddress: setting<number | null>(
    'CHAT_MAX_SOCKETS_PER_ADDRESS',
    'WebSockets open at once per IPv4 address or IPv6 /64; unset: 1000, and any number from loopback, where an unnamed proxy may be',
    `a whole number of sockets, 0 (refuses all) to ${SOCKETS_MAX}, or unlimited`,
    null,
    null,
    (raw) => (raw === 'unlimited' ? Number.POSITIVE_INFINITY : wholeNumber(raw, 0, SOCKETS_MAX)),
  ),
  maxFramesPerSecond: cap(
    'CHAT_MAX_FRAMES_PER_SECOND',
    'frames one socket may send in a second, in the long run; stopping a run is never held back',
    'frames',
    20,
  ),
  maxFramesBurst: integer(
    'CHAT_MAX_FRAMES_BURST',
    'frames one socket may send at once after a pause; as many again are refused, the next ends it with close code 4429',
    'frames',
    { initial: 100, min: 1, max: 1_000_000 },
  ),
  metricsToken: secret(
    'CHAT_METRICS_TOKEN',
    'what Prometheus sends as its bearer token to read /metrics; unset: it may from this machine only',
    16,
  ),
  otlpUrl: setting<URL | null>(
    'CHAT_OTLP_URL',
    'where spans of sessions, prompts and runs are sent by OTLP, such as http://127.0.0.1:4318/v1/traces; unset: nowhere',
    'an http or https URL',
    null,
    null,
    httpUrl,
  ),
  maxSignInAttempts: cap(
    'CHAT_MAX_SIGN_IN_ATTEMPTS',
    'sign-ins that fail per IPv4 address or IPv6 /64 in 10 minutes; after twenty times as many in all, one that fails is told so and no more',
    'attempts',
    10,
  ),
};

function addressRange(raw: string): string {
  const [address = '', bits, ...rest] = raw.split('/');
  const bitsMax = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bitsMax < 0 || rest.length > 0) throw new Refused();
  if (bits !== undefined) wholeNumber(bits, 0, bitsMax);
  return raw;
}
