/** What must hold of an edge for somebody who is not signed in. */
import { type Check, type Finding, fail, ok, warn } from '../findings.ts';
import { ask, type EdgeTarget, type Headers, upgradeHeaders } from './edge-client.ts';

const DAY_MS = 86_400_000;
const CERTIFICATE_DAYS_WANTED = 14;
/** A page, or on to where it is. */
const FINE = [200, 204, 302, 303, 307];
const FOREIGN = 'https://foreign.invalid';

export const EDGE_CHECKS: readonly Check<EdgeTarget>[] = [
  {
    name: 'root',
    why: 'links without the last slash lead nowhere otherwise',
    run: async (target) => {
      const path = target.url.pathname.slice(0, -1);
      const { status, headers } = await ask(target, path);
      const isRight = status === 308 && pathOf(headers.location, target) === target.url.pathname;
      const found = `${path}: ${status} ${headers.location ?? ''}`;
      return isRight ? ok(found) : fail(found, `redirect ${path} to ${path}/ with 308`);
    },
  },
  {
    name: 'page',
    why: 'who is not signed in is to find the login',
    run: async (target) => {
      const { status, headers } = await ask(target, target.url.pathname, {
        'Sec-Fetch-Dest': 'document',
        Accept: 'text/html',
      });
      const found = `a page load: ${status} ${headers.location ?? ''}`;
      return status === 302 && pathOf(headers.location, target) === under(target, 'login')
        ? ok(found)
        : fail(found, 'let the verifier’s 302 to the login through; look whether it is asked');
    },
  },
  statuses('program', 'programs, and the page itself, tell by 401 that a sign-in is needed', [
    ['', { 'Sec-Fetch-Dest': 'empty' }, 'GET', [401]],
    ['api/me', {}, 'GET', [401]],
    ['auth/verify', {}, 'GET', [401]],
  ]),
  statuses('ways in', 'nobody can sign in when these are behind a sign-in', [
    ['login', {}, 'HEAD', FINE],
    ['oauth/callback', {}, 'HEAD', FINE],
  ]),
  statuses('websocket', 'an open WebSocket is the whole chat; browsers do not follow a redirect', [
    ['ws', upgradeHeaders('*own*'), 'GET', [401]],
    ['ws', upgradeHeaders(FOREIGN), 'GET', [401, 403]],
    ['ws', upgradeHeaders('null'), 'GET', [401, 403]],
  ]),
  statuses('identity', 'a client that says who it is must not be believed', [
    ['api/me', { 'X-Forwarded-User': 'root' }, 'GET', [401]],
    ['api/me', { 'X-Forwarded-User': 'root', Connection: 'close, X-Forwarded-User' }, 'GET', [401]],
    ['api/me', { X_Forwarded_User: 'root', Cookie: 'greenroom=a.b' }, 'GET', [401]],
  ]),
  {
    name: 'paths',
    why: 'an edge cleans paths before it matches them and passes them on as they came',
    run: async (target) => {
      const tricks = ['x/../ws', '%77s', 'WS', '/ws', 'ws/', 'login/../ws', 'login/../api/me'];
      const open: string[] = [];
      for (const trick of tricks) {
        const path = under(target, trick);
        const { status } = await ask(target, path, upgradeHeaders(target.url.origin));
        if (status < 300) open.push(`${path}: ${status}`);
      }
      return open.length === 0
        ? ok(`${tricks.length} tricks, none let in`)
        : fail(open.join(', '), 'put every path under the base path behind the same forward_auth');
    },
  },
  {
    name: 'health',
    why: 'how the server is, and its figures, are for the scheduler and not for everybody',
    run: async (target) => {
      const told: string[] = [];
      for (const path of ['/healthz', '/readyz', '/metrics']) {
        const { status } = await ask(target, path);
        if (status < 400 || status >= 500) told.push(`${path}: ${status}`);
      }
      if (told.length === 0) return ok('not exposed');
      const mend = 'let the edge answer 404 for all outside the base path';
      return (isHere(target) ? warn : fail)(`exposed: ${told.join(', ')}`, mend);
    },
  },
  {
    name: 'headers',
    why: 'they tell browsers what to refuse, whatever a page is made to say',
    run: async (target) => {
      const { headers } = await ask(target, under(target, 'login'), { Accept: 'text/html' });
      const wanted: Readonly<Record<string, RegExp>> = {
        'content-security-policy': /^(?!.*unsafe-).*default-src 'none'/,
        'cross-origin-opener-policy': /^same-origin$/,
        'cross-origin-resource-policy': /^same-origin$/,
        'permissions-policy': /camera=\(\)/,
        'referrer-policy': /./,
        'x-content-type-options': /^nosniff$/,
        ...(target.url.protocol === 'https:' && {
          'strict-transport-security': /max-age=[1-9]\d{6,}/,
        }),
      };
      const bad = Object.entries(wanted).flatMap(([name, shape]) =>
        shape.test(String(headers[name] ?? '')) ? [] : [name],
      );
      const mend =
        'let the edge pass these on, and give Greenroom its https address (CHAT_PUBLIC_URL)';
      return bad.length === 0 ? ok('all there') : fail(`missing or weak: ${bad.join(', ')}`, mend);
    },
  },
  {
    name: 'cookies',
    why: 'a cookie that scripts, http or other sites can use can be stolen or planted',
    run: async (target) => {
      const { headers } = await ask(target, under(target, 'login'), { Accept: 'text/html' });
      const set = headers['set-cookie'] ?? [];
      const isTls = target.url.protocol === 'https:';
      const weak = set.filter(
        (line) =>
          !/; httponly/i.test(line) ||
          !/; samesite=(lax|strict)/i.test(line) ||
          (isTls && !/; secure/i.test(line)),
      );
      const names = (lines: readonly string[]) =>
        lines.map((line) => line.split('=')[0]).join(', ');
      const given = target.cookie?.split('=')[0];
      if (isTls && given !== undefined && !given.startsWith('__Host-'))
        return fail(`the sign-in’s cookie is ${given}`, 'set CHAT_PUBLIC_URL to the https address');
      if (weak.length > 0)
        return fail(`weak: ${names(weak)}`, 'set CHAT_PUBLIC_URL to the address');
      return ok(set.length === 0 ? 'the login sets none' : `${names(set)} as they should be`);
    },
  },
  {
    name: 'certificate',
    why: 'when it ends nobody gets in',
    run: async (target) => {
      if (target.url.protocol !== 'https:') return plainHttp(target);
      const { certificateEnds } = await ask(target, under(target, 'login'));
      const days = Math.floor(((certificateEnds ?? 0) - Date.now()) / DAY_MS);
      const found = `${days} days left${target.insecure ? '; whose it is was not checked (--insecure)' : ''}`;
      if (days < 0) return fail(found, 'renew it');
      if (target.insecure) return warn(found, 'leave --insecure out where it should be trusted');
      return days < CERTIFICATE_DAYS_WANTED ? warn(found, 'see why it is not renewed') : ok(found);
    },
  },
];

function plainHttp(target: EdgeTarget): Finding {
  if (isHere(target)) return ok('no TLS, on loopback');
  return fail('no TLS: cookies and words go over the network in the clear', 'serve it by https');
}

type Expected = readonly [path: string, headers: Headers, method: string, statuses: number[]];

/** A check of several requests, each of which has to be answered with one of some statuses. */
function statuses(name: string, why: string, expected: readonly Expected[]): Check<EdgeTarget> {
  return {
    name,
    why,
    run: async (target) => {
      const told: string[] = [];
      let isRight = true;
      for (const [path, given, method, wanted] of expected) {
        const own = given.Origin === '*own*' ? { Origin: target.url.origin } : {};
        const { status } = await ask(target, under(target, path), { ...given, ...own }, method);
        const fits = wanted.includes(status);
        isRight &&= fits;
        const words = `${method} ${under(target, path)}: ${status}`;
        told.push(fits ? words : `${words} instead of ${wanted.join(' or ')}`);
      }
      const mend = 'compare the edge’s configuration with nomad/Caddyfile';
      return isRight ? ok(told.join(', ')) : fail(told.join(', '), mend);
    },
  };
}

export function under({ url }: EdgeTarget, path: string): string {
  return url.pathname + path;
}

function pathOf(location: string | undefined, { url }: EdgeTarget): string | null {
  if (location === undefined || !URL.canParse(location, url)) return null;
  const to = new URL(location, url);
  return to.origin === url.origin ? to.pathname : null;
}

function isHere({ url }: EdgeTarget): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
