import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { SETTINGS } from '../../src/config.ts';
import { memoryStore } from '../support/memory-store.ts';
import { rawOnce } from '../support/raw.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const TEXT = readFileSync(new URL('../../UPGRADING.md', import.meta.url), 'utf8');
const ROWS = [...TEXT.matchAll(/^\| `([^`]+)` \| (kept|changed|dropped) \|(.*)\|$/gm)].map(
  ([, name = '', fate = '', how = '']) => ({ name, fate, how: how.trim() }),
);
const ROUTES = ROWS.filter(({ name }) => name.includes(' '));
const VARIABLES = ROWS.filter(({ name }) => !name.includes(' '));

/** What the replaced server had, and was given. */
const OLD_ROUTES =
  `GET /health, GET /chat/auth/verify, GET /chat/login, GET /chat/oauth/callback, GET /, GET /chat/,
  GET /chat/static/x.js, GET /static/x.js, POST /chat/new, POST /chat/, GET /chat/history, GET /chat/history/ID,
  DELETE /chat/history/ID, GET /chat/ws, GET /ws, POST /chat/delegate, POST /chat/delegate-followup, GET /threads,
  GET /threads/ID, GET /threads/ID/stream, GET /factory-state, GET /inbox, POST /inbox/ID/ack, POST /chat/check-inbox,
  POST /chat/ack-inbox`.split(/,\s+/);
const OLD_VARIABLES =
  `CHAT_HOST CHAT_PORT CHAT_WORKSPACE_DIR CHAT_CLAUDE_MODEL CHAT_SOUL_MD_PATH CHAT_SOUL_THINK_PATH
  CHAT_THREADS_ROOT CHAT_SKILLS_DIR CHECK_INBOX_SH ACK_INBOX_SH CHAT_CHECK_INBOX_TIMEOUT_SECS
  CHAT_ACK_INBOX_TIMEOUT_SECS SNAPSHOT_PATH INBOX_ROOT FACTORY_FORGE_PAT NOMAD_TOKEN FORGE_URL FORGE_PUBLIC_URL
  CHAT_OAUTH_CLIENT_ID CHAT_OAUTH_CLIENT_SECRET DISINTO_CHAT_ALLOWED_USERS EDGE_TUNNEL_FQDN EDGE_TUNNEL_FQDN_CHAT
  EDGE_ROUTING_MODE FORWARD_AUTH_SECRET CHAT_HISTORY_DIR CLAUDE_CONFIG_DIR CHAT_MAX_REQUESTS_PER_HOUR
  CHAT_MAX_REQUESTS_PER_DAY CHAT_MAX_TOKENS_PER_DAY`.split(/\s+/);

describe('UPGRADING.md', { timeout: 30_000 }, () => {
  const store = memoryStore();
  let server: TestServer;
  let cookie: string;
  before(async () => {
    server = await startServer({}, { store });
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  test('tells of every route and every variable of the replaced server, once', () => {
    assert.deepEqual(ROUTES.map(({ name }) => name).sort(), OLD_ROUTES.toSorted());
    assert.deepEqual(VARIABLES.map(({ name }) => name).sort(), OLD_VARIABLES.toSorted());
  });

  test('says how what has changed did, and what to do without what is dropped', () => {
    for (const { name, fate, how } of ROWS) assert.ok(fate === 'kept' || how !== '', name);
  });

  test('variables that are kept or changed are settings, those that are dropped are not', () => {
    const known = new Set(Object.values(SETTINGS).flatMap(({ env, aliases }) => [env, ...aliases]));
    for (const { name, fate } of VARIABLES) assert.equal(known.has(name), fate !== 'dropped', name);
  });

  test('variables it names besides are settings', () => {
    const known = new Set(Object.values(SETTINGS).flatMap(({ env, aliases }) => [env, ...aliases]));
    const named = new Set(TEXT.match(/\bCHAT_[A-Z_]+\b/g));
    const others = [...named].filter((name) => !OLD_VARIABLES.includes(name));
    assert.deepEqual(
      others.filter((name) => !known.has(name.replace(/_FILE$/, '')) && !known.has(name)),
      [],
    );
  });

  test('routes that are kept or changed are there, those that are dropped are 404', async () => {
    const writer = await writerOf(store, 'alice', '0123456789ab');
    await writer.run('r', 'hi', ['a']);
    for (const { name, fate } of ROUTES) {
      const [method = '', path = ''] = name.replace('ID', '0123456789ab').split(' ');
      const headers = { Cookie: cookie, 'Content-Length': '0', 'Content-Type': 'application/json' };
      const { status } = await rawOnce(server.origin, path, headers, method);
      assert.equal(status !== 404, fate !== 'dropped', `${name}: ${status}`);
    }
  });
});
