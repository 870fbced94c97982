import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { LoginStates } from '../../src/transport/auth/login-state.ts';
import { Members } from '../../src/transport/auth/members.ts';
import { SignInAttempts } from '../../src/transport/auth/sign-in-attempts.ts';
import { clientAddresses } from '../../src/transport/client-address.ts';
import { forgeLogin } from '../../src/transport/forge-login.ts';
import { loginPages } from '../../src/transport/login-pages.ts';
import { memoryStore } from '../support/memory-store.ts';
import { signInsOn } from '../support/sign-ins.ts';

test('[SI2] eight codes are redeemed at once and a hundred wait; one more is told to come again, and all others come in', {
  timeout: 30_000,
}, async (t) => {
  const store = memoryStore();
  const signIns = signInsOn(store);
  const states = new LoginStates(() => signIns.rules, Date.now);
  const opened = Promise.withResolvers<void>();
  let asked = 0;
  const routes = forgeLogin({
    ...{ signIns, states, basePath: '/chat', log: createLog('silent') },
    provider: {
      authorizeUrl: async () => new URL('http://forge.test'),
      async redeem() {
        asked += 1;
        await opened.promise;
        return { user: 'alice' };
      },
    },
    members: new Members({ allowed: ['alice'], operators: [] }),
    attempts: new SignInAttempts(null),
    addresses: clientAddresses([]),
    pages: loginPages('/chat', new URL('http://forge.test')),
  });
  const server = createServer((request, response) => {
    const query = new URLSearchParams(request.url?.split('?')[1]);
    void routes['GET /oauth/callback']?.(request, response, query, []);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    await store.close();
  });
  const { port } = server.address() as AddressInfo;
  const { setCookie } = states.begin(undefined);
  const Cookie = setCookie.split(';')[0] ?? '';
  const comeBack = () =>
    fetch(`http://127.0.0.1:${port}/?code=c&state=${states.begin(Cookie).state}`, {
      headers: { Cookie },
      redirect: 'manual',
    });
  const answers = Array.from({ length: 109 }, comeBack);
  const first = await Promise.race(answers);
  assert.equal(first.status, 503);
  assert.equal(asked, 8);
  opened.resolve();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 303).length, 108);
});
