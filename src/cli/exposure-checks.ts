/** Checks of `greenroom doctor` about who can reach what: Greenroom itself, its forge, and services beside it. */
import { connect } from 'node:net';
import type { Config } from '../config.ts';
import { asBase, isSameIssuer } from '../transport/auth/base-url.ts';
import { type Check, type Finding, fail, ok, warn } from './findings.ts';

const CONNECT_MS = 500;
const ANSWER_MS = 3_000;

/** By port on 127.0.0.1: what commonly listens there, and asks nobody for a password unless it was told to. */
const SERVICES: Readonly<Record<number, string>> = {
  2019: 'Caddy’s admin API',
  2375: 'Docker',
  4646: 'Nomad',
  5432: 'PostgreSQL',
  6379: 'Redis',
  8200: 'Vault',
  8500: 'Consul',
  9200: 'Elasticsearch',
  11211: 'memcached',
  11434: 'Ollama',
  27017: 'MongoDB',
};

/** What the checks ask of this machine; tests have one of their own. */
export interface Surroundings {
  readonly config: Config;
  /** Settings that were given in the environment itself, not in a file. */
  readonly inEnvironment: (name: string) => boolean;
  readonly adminUrl: string;
}

export const EXPOSURE_CHECKS: readonly Check<Surroundings>[] = [
  {
    name: 'edge',
    why: 'identity headers, addresses and cookies are worth what the way to this server is worth',
    run: edge,
  },
  {
    name: 'members',
    why: 'whoever comes in makes Claude work here, at your cost',
    run: ({ config }) => {
      if (config.signIn === 'local') return ok('who can open the data directory’s socket');
      if (config.allowedUsers?.includes('*') !== true)
        return ok(`${config.allowedUsers?.length ?? 0} users may come in`);
      return warn('CHAT_ALLOWED_USERS=*: whoever the forge knows', 'name the users instead');
    },
  },
  {
    name: 'secrets',
    why: 'an environment is inherited, and shown by tools that list processes',
    run: ({ inEnvironment }) => {
      const names = ['CHAT_COOKIE_SECRETS', 'CHAT_OAUTH_CLIENT_SECRET', 'FORWARD_AUTH_SECRET'];
      const given = names.filter(inEnvironment);
      if (given.length === 0) return ok('none in the environment');
      const files = given.map((name) => `${name}_FILE`).join(', ');
      return warn(`in the environment: ${given.join(', ')}`, `put them into files: ${files}`);
    },
  },
  { name: 'forge', why: 'nobody can sign in without it', run: forge },
  {
    name: 'loopback services',
    why: 'what Claude runs shares this machine’s network, in the sandbox too',
    run: loopbackServices,
  },
  {
    name: 'caddy',
    why: 'Caddy 2.9.0 to 2.11.1 passes a client’s own X-Forwarded-User on where the verifier sends none (GHSA-7r4p-vjf4-gxv4)',
    run: caddy,
  },
];

function edge({ config }: Surroundings): Finding {
  const { signIn, publicUrl, host, forwardAuthSecret, trustedProxies } = config;
  if (signIn === 'local') return ok(`local mode, on ${host}`);
  const weak: [string, string][] = [];
  if (publicUrl?.protocol === 'http:' && !isLoopback(publicUrl.hostname))
    weak.push(['plain http: cookies and words are in the clear', 'give it an https address']);
  if (forwardAuthSecret === null)
    weak.push(['anybody may pose as the edge', 'set FORWARD_AUTH_SECRET here and at the edge']);
  if (trustedProxies === null && isLoopback(host))
    weak.push([
      'no CHAT_TRUSTED_PROXIES: all clients count as one address',
      'set it to the edge’s address, as 127.0.0.1',
    ]);
  if (weak.length === 0) return ok(`${publicUrl?.origin}, behind an edge that shows a secret`);
  return warn(weak.map(([found]) => found).join('; '), weak.map(([, mend]) => mend).join('; '));
}

/** A forge without discovery is signed in at by plain OAuth2, and is reachable all the same. */
async function forge({ config }: Surroundings): Promise<Finding> {
  const { signIn, forgeUrl, forgePublicUrl } = config;
  if (signIn === 'local' || forgeUrl === null) return ok('none is needed in local mode');
  const asked = new URL('.well-known/openid-configuration', asBase(forgeUrl));
  const answer = await fetch(asked, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
  if (answer === null)
    return fail(`FORGE_URL ${forgeUrl} does not answer`, 'start it, or set FORGE_URL right');
  const issuer = answer.ok ? await issuerIn(answer) : null;
  if (issuer === null)
    return warn(
      `${asked} tells no issuer (${answer.status}): sign-in falls back to plain OAuth2`,
      'see that FORGE_URL is the forge’s own address, with its path',
    );
  const expected = forgePublicUrl ?? forgeUrl;
  if (isSameIssuer(issuer, expected.href)) return ok(`issuer ${issuer}`);
  return fail(
    `the forge calls itself ${issuer}, and FORGE_PUBLIC_URL is ${expected}`,
    'set FORGE_PUBLIC_URL to what it calls itself, or its ROOT_URL to that',
  );
}

async function issuerIn(answer: Response): Promise<string | null> {
  const { issuer = null } = (await answer.json().catch(() => ({}))) as { issuer?: unknown };
  return typeof issuer === 'string' ? issuer : null;
}

async function loopbackServices(): Promise<Finding> {
  const ports = Object.keys(SERVICES).map(Number);
  const answers = await Promise.all(ports.map(listens));
  const found = ports
    .filter((_, i) => answers[i])
    .map((port) => `${SERVICES[port] ?? ''} (${port})`);
  if (found.length === 0) return ok('none of the usual ones');
  const mend = 'see that each asks for a password, or listens on a Unix socket';
  return warn(`something listens where these do: ${found.join(', ')}`, mend);
}

/** Only connects: what is there is not asked anything. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: CONNECT_MS });
    const done = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

/** Its metrics tell the version it was built as, where it was built so as to know. */
async function caddy({ adminUrl }: Surroundings): Promise<Finding> {
  const metrics = await fetch(new URL('/metrics', adminUrl), {
    signal: AbortSignal.timeout(ANSWER_MS),
  })
    .then((answer) => answer.text())
    .catch(() => null);
  const line = /^go_build_info\{.*$/m.exec(metrics ?? '')?.[0];
  if (line === undefined) return ok(`none answers at ${adminUrl}`);
  const version = /version="v(\d+)\.(\d+)\.(\d+)[^"]*"/.exec(line)?.slice(1).map(Number);
  if (version === undefined || !line.includes('caddyserver/caddy'))
    return warn(
      'one answers and does not tell its version',
      'run `caddy version`; 2.11.4 is wanted, and 2.9.0 to 2.11.1 are unsafe',
    );
  const found = `version ${version.join('.')}`;
  if (isBelow(version, [2, 11, 4])) {
    const isUnsafe = !isBelow(version, [2, 9, 0]) && isBelow(version, [2, 11, 2]);
    return (isUnsafe ? fail : warn)(found, 'install Caddy 2.11.4 or later');
  }
  return ok(found);
}

function isBelow(version: readonly number[], other: readonly number[]): boolean {
  const i = version.findIndex((part, at) => part !== other[at]);
  return i >= 0 && (version[i] ?? 0) < (other[i] ?? 0);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || host.startsWith('127.');
}
