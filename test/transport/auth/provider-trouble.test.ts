import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { LoginStates } from '../../../src/transport/auth/login-state.ts';
import { createProvider } from '../../../src/transport/auth/provider.ts';
import { DISCOVERY_TTL_MS } from '../../../src/transport/auth/provider-discovery.ts';
import { RESPONSE_MAX_BYTES } from '../../../src/transport/auth/provider-fetch.ts';
import {
  type Misbehaviour,
  resigned,
  startMockProvider,
  strangeKey,
} from '../../support/mock-provider.ts';
import { CLIENT } from '../../support/oidc-provider.ts';

const redirectUri = new URL('https://chat.example/chat/oauth/callback');
const RULES = { secrets: ['a-cookie-secret-of-32-characters'], secure: true };
const begin = () => new LoginStates(() => RULES, Date.now).begin(undefined);
const LIMIT = { timeout: 60_000 };
const DISCOVERY = '/.well-known/openid-configuration';

async function start(t: TestContext, path?: string, timeoutMs = 20_000) {
  const mock = await startMockProvider(path);
  t.after(() => mock.stop());
  const { forgeUrl, forgePublicUrl } = mock;
  let now = 0;
  const rules = { ...CLIENT, redirectUri, forgeUrl, forgePublicUrl, timeoutMs };
  const provider = createProvider(rules, () => now);
  const signIn = async () => {
    const login = begin();
    return provider.redeem(await mock.visit(await provider.authorizeUrl(login)), login);
  };
  const wait = (ms: number) => {
    now += ms;
  };
  return { mock, provider, signIn, wait };
}

type Run = Awaited<ReturnType<typeof start>>;

/** Signs in while the provider misbehaves: it fails so, says no secret, and the next one works. */
async function fails(
  { mock, signIn, wait }: Run,
  name: 'ProviderDown' | 'ProviderRefused',
  reason: string,
  misbehaviour: Misbehaviour,
): Promise<void> {
  const given: string[] = [];
  wait(DISCOVERY_TTL_MS); // what it says of itself, and its keys, are asked for anew
  mock.misbehaviour = {
    ...misbehaviour,
    tokens(body) {
      misbehaviour.tokens?.(body);
      for (const token of [body.access_token, body.id_token, body.refresh_token])
        if (typeof token === 'string' && token !== '') given.push(token);
    },
  };
  await assert.rejects(signIn(), (error: Error & { reason?: string }) => {
    assert.deepEqual([error.name, error.reason], [name, reason], error.stack);
    assert.equal(error.cause, undefined);
    const said = `${error.stack} ${JSON.stringify(error)}`;
    for (const secret of [...given, CLIENT.clientSecret]) assert.ok(!said.includes(secret));
    return true;
  });
  mock.misbehaviour = {};
  assert.deepEqual(await signIn(), { user: 'ada' });
}

const json = (response: ServerResponse, body: string, status = 200): true => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  return true;
};

const at = (path: string, answer: (response: ServerResponse) => true): Misbehaviour => ({
  answer: (asked, response) => asked === path && answer(response),
});

test('a provider whose public address has a path is reached without it', LIMIT, async (t) => {
  const { mock, signIn } = await start(t, '/forge/');
  assert.deepEqual(await signIn(), { user: 'ada' });
  assert.deepEqual(mock.paths, [DISCOVERY, '/authorize', '/token', '/jwks']);
});

test(
  '[R38] [R39] an ID token of another issuer, for another, or for another sign-in is refused',
  LIMIT,
  async (t) => {
    const run = await start(t);
    const claims = (reason: string, change: (claims: Record<string, unknown>) => void) =>
      fails(run, 'ProviderRefused', reason, { claims: change });
    await claims('nonce', (claims) => {
      claims.nonce = 'another';
    });
    await claims('claim', (claims) => {
      delete claims.nonce;
    });
    await claims('issuer', (claims) => {
      claims.iss = 'https://evil.example/';
    });
    await claims('audience', (claims) => {
      claims.aud = 'another-client';
    });
    await claims('audience', (claims) => {
      claims.aud = [CLIENT.clientId, 'another-client'];
    });
    await claims('expired', (claims) => {
      claims.exp = Math.floor(Date.now() / 1_000) - 3_600;
    });
    await claims('expired', (claims) => {
      claims.nbf = Math.floor(Date.now() / 1_000) + 3_600;
    });
  },
);

test('[R39] an ID token that no key of the provider’s signed is refused', LIMIT, async (t) => {
  const run = await start(t);
  const header = (header: object, key: KeyObject | null) =>
    fails(run, 'ProviderRefused', 'signature', {
      tokens: (body) => {
        body.id_token = resigned(body.id_token, header, key);
      },
    });
  await header({ alg: 'RS256', kid: 'one' }, strangeKey());
  await header({ alg: 'RS256', kid: 'two' }, strangeKey());
  await header({ alg: 'none' }, null);
  await header({ alg: 'HS256', kid: 'one' }, strangeKey());
  await header({ alg: 'RS256', kid: 'one', crit: ['x'] }, strangeKey());
  // Not even if the provider says that it signs so.
  await fails(run, 'ProviderRefused', 'signature', {
    discovery: (body) => {
      body.id_token_signing_alg_values_supported = ['none', 'RS256'];
    },
    tokens: (body) => {
      body.id_token = resigned(body.id_token, { alg: 'none' }, null);
    },
  });
  await fails(run, 'ProviderRefused', 'idToken', {
    tokens: (body) => {
      delete body.id_token;
    },
  });
});

test(
  'a key that is new at the provider, a moment after its keys were fetched, costs one sign-in',
  LIMIT,
  async (t) => {
    const { mock, signIn } = await start(t);
    await signIn();
    // It signs the ID token with the second of its keys, which was not there when they were fetched.
    await mock.issuer.keys.generate('RS256', { kid: 'two' });
    await assert.rejects(signIn(), { name: 'ProviderRefused', reason: 'signature' });
    assert.deepEqual(await signIn(), { user: 'ada' });
  },
);

test('[R39] the name is userinfo’s only if userinfo is about the same user', LIMIT, async (t) => {
  const run = await start(t);
  const withoutName = (claims: Record<string, unknown>) => {
    delete claims.preferred_username;
  };
  await fails(run, 'ProviderRefused', 'subject', {
    claims: withoutName,
    userinfo: (body) => {
      body.sub = 'janedoe';
    },
  });
  await fails(run, 'ProviderRefused', 'user', {
    claims: withoutName,
    userinfo: (body) => {
      delete body.preferred_username;
      body.email = 'ada@example.org';
    },
  });
  await fails(run, 'ProviderRefused', 'unauthorized', {
    claims: withoutName,
    answer: (path, response) => {
      if (path === '/userinfo')
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
      return path === '/userinfo';
    },
  });
  await fails(run, 'ProviderDown', 'malformed', {
    claims: withoutName,
    discovery: (body) => {
      delete body.userinfo_endpoint;
    },
    ...at('/userinfo', (response) => json(response, '[]')),
  });
});

test('[R39] a name that no user can have is refused', LIMIT, async (t) => {
  const run = await start(t);
  const names = ['', '.', '../ada', 'ada\n', 'a b', '{x}', 'ädä', '-ada', 'a'.repeat(41), 7, null];
  for (const name of names)
    await fails(run, 'ProviderRefused', 'user', {
      claims: (claims) => {
        claims.preferred_username = name;
      },
    });
});

test(
  '[R59] a provider in trouble is told from one that refuses, and repeats nothing it said',
  LIMIT,
  async (t) => {
    const run = await start(t);
    const token = (
      name: 'ProviderDown' | 'ProviderRefused',
      reason: string,
      body: string,
      status?: number,
    ) =>
      fails(
        run,
        name,
        reason,
        at('/token', (response) => json(response, body, status)),
      );
    await token('ProviderDown', 'status', '{"error":"invalid_grant"}', 500);
    await token('ProviderDown', 'status', 'no JSON', 400);
    await token('ProviderDown', 'malformed', 'no JSON');
    await token('ProviderDown', 'malformed', '"a string"');
    await token('ProviderDown', 'malformed', '{}');
    await token('ProviderRefused', 'invalid_grant', '{"error":"invalid_grant"}', 400);
    await token('ProviderRefused', 'other', '{"error":"a stranger’s text"}', 400);
    await token(
      'ProviderDown',
      'temporarily_unavailable',
      '{"error":"temporarily_unavailable"}',
      400,
    );
    await fails(
      run,
      'ProviderDown',
      'UND_ERR_SOCKET',
      at('/token', (response) => {
        response.destroy();
        return true;
      }),
    );
    await fails(
      run,
      'ProviderDown',
      'status',
      at('/token', (response) => {
        response.writeHead(307, { Location: '/elsewhere' }).end();
        return true;
      }),
    );
    assert.ok(!run.mock.paths.includes('/elsewhere'));
    await fails(
      run,
      'ProviderDown',
      'malformed',
      at('/jwks', (response) => json(response, '{"keys":7}')),
    );
    await fails(
      run,
      'ProviderDown',
      'status',
      at('/jwks', (response) => json(response, '', 503)),
    );
  },
);

test('an answer that is too long is given up, whoever sends it', LIMIT, async (t) => {
  const run = await start(t);
  const huge = `{"x":"${'x'.repeat(RESPONSE_MAX_BYTES)}"}`;
  await fails(
    run,
    'ProviderDown',
    'tooLarge',
    at('/token', (response) => json(response, huge)),
  );
  await fails(
    run,
    'ProviderDown',
    'tooLarge',
    at('/jwks', (response) => json(response, huge)),
  );
});

test('a provider that hangs, before its answer or within, is given up', LIMIT, async (t) => {
  const run = await start(t, '/', 300);
  const { provider, wait } = run;
  await fails(
    run,
    'ProviderDown',
    'timeout',
    at('/token', () => true),
  );
  await fails(
    run,
    'ProviderDown',
    'timeout',
    at('/token', (response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{');
      return true;
    }),
  );
  wait(DISCOVERY_TTL_MS);
  run.mock.misbehaviour = at(DISCOVERY, () => true);
  await assert.rejects(provider.authorizeUrl(begin()), { name: 'ProviderDown', reason: 'timeout' });
});

test(
  'a provider that fails to say what it is, is down, and no plain OAuth2 is tried',
  LIMIT,
  async (t) => {
    const discovery = async (reason: string, misbehaviour: Misbehaviour) => {
      const { mock, provider, signIn } = await start(t);
      mock.misbehaviour = misbehaviour;
      const down = { name: 'ProviderDown', reason };
      await assert.rejects(provider.authorizeUrl(begin()), down);
      assert.deepEqual(mock.paths, [DISCOVERY]);
      mock.misbehaviour = {};
      assert.deepEqual(await signIn(), { user: 'ada' });
    };
    for (const status of [302, 400, 401, 403, 410, 429, 500, 502, 503])
      await discovery(
        'status',
        at(DISCOVERY, (response) => json(response, '', status)),
      );
    await discovery(
      'malformed',
      at(DISCOVERY, (response) => json(response, 'no JSON')),
    );
    await discovery(
      'malformed',
      at(DISCOVERY, (response) => json(response, '{}')),
    );
    await discovery(
      'UND_ERR_SOCKET',
      at(DISCOVERY, (response) => {
        response.destroy();
        return true;
      }),
    );
    await discovery('issuer', {
      discovery: (body) => {
        body.issuer = 'https://evil.example/';
      },
    });
    for (const endpoint of [
      'https://evil.example/authorize',
      'javascript:alert(1)',
      '/authorize',
      undefined,
    ])
      await discovery('endpoint', {
        discovery: (body) => {
          body.authorization_endpoint = endpoint;
        },
      });
  },
);

test(
  '[R40] the client’s secret goes to the provider alone, whatever its discovery names',
  LIMIT,
  async (t) => {
    const run = await start(t, '/forge/');
    const other = await startMockProvider();
    t.after(() => other.stop());
    const { origin } = run.mock.forgePublicUrl;
    for (const endpoint of [
      `${other.forgeUrl}token`,
      `${origin}/token`,
      `${origin}/forge/../token`,
    ])
      await fails(run, 'ProviderDown', 'endpoint', {
        discovery: (body) => {
          body.token_endpoint = endpoint;
        },
      });
    assert.deepEqual(other.paths, []);
  },
);

test(
  'discovery is asked once for all, again after a while, and never lost to a 404',
  LIMIT,
  async (t) => {
    const { mock, provider, wait } = await start(t);
    const asked = () => mock.paths.filter((path) => path === DISCOVERY).length;
    await Promise.all(Array.from({ length: 20 }, () => provider.authorizeUrl(begin())));
    assert.equal(asked(), 1);
    wait(DISCOVERY_TTL_MS - 1);
    await provider.authorizeUrl(begin());
    assert.equal(asked(), 1);
    wait(1);
    await provider.authorizeUrl(begin());
    assert.equal(asked(), 2);
    wait(DISCOVERY_TTL_MS);
    mock.misbehaviour = at(DISCOVERY, (response) => json(response, '', 404));
    await assert.rejects(provider.authorizeUrl(begin()), {
      name: 'ProviderDown',
      reason: 'status',
    });
  },
);

test('a provider that is not there is down, and the system’s code says why', LIMIT, async (t) => {
  const { mock, provider } = await start(t);
  const gone = await startMockProvider();
  await gone.stop();
  const { forgePublicUrl } = mock;
  const nowhere = createProvider({
    ...CLIENT,
    redirectUri,
    forgeUrl: gone.forgeUrl,
    forgePublicUrl,
  });
  const down = { name: 'ProviderDown', reason: 'ECONNREFUSED' };
  await assert.rejects(nowhere.authorizeUrl(begin()), down);
  const login = begin();
  const callback = await mock.visit(await provider.authorizeUrl(login));
  await assert.rejects(nowhere.redeem(callback, login), down);
});
