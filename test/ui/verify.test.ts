import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createActor, toPromise } from 'xstate';
import { type Verdict, verify } from '../../src/ui/verify.ts';

const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
});

async function verdictOn(answer: () => Response): Promise<{ verdict: Verdict; asked: string }> {
  let asked = '';
  globalThis.fetch = async (target) => {
    asked = String(target);
    return answer();
  };
  const input = { url: 'wss://chat.example/tools/chat/ws' };
  return { verdict: await toPromise(createActor(verify, { input }).start()), asked };
}

const json = (status: number, body: unknown) => () => Response.json(body, { status });

const ANSWERS: readonly (readonly [string, () => Response, Verdict])[] = [
  ['200 with a user', json(200, { user: 'alice' }), { is: 'signedIn', user: 'alice' }],
  ['401', json(401, { fault: 'auth.required' }), { is: 'signedOut' }],
  ['being sent to the login', () => Response.error(), { is: 'signedOut' }],
  [
    '403 of ours',
    json(403, { fault: 'auth.edgeSecret' }),
    { is: 'barred', fault: 'auth.edgeSecret' },
  ],
  ['403 of another', () => new Response('no', { status: 403 }), { is: 'barred', fault: null }],
  ['503', json(503, { fault: 'server.restarting' }), { is: 'unknown' }],
  ['502 of an edge', () => new Response('', { status: 502 }), { is: 'unknown' }],
  ['200 with a page of a portal', () => new Response('<p>Hi'), { is: 'unknown' }],
  ['200 with no user', json(200, { user: '' }), { is: 'unknown' }],
  ['200 with null', json(200, null), { is: 'unknown' }],
];
for (const [name, answer, expected] of ANSWERS)
  test(`[R51] ${name} reads as ${expected.is}`, async () => {
    const { verdict, asked } = await verdictOn(answer);
    assert.deepEqual(verdict, expected);
    assert.equal(asked, 'https://chat.example/tools/chat/auth/verify');
  });

test('[R51] a line that is down is no answer', async () => {
  const { verdict } = await verdictOn(() => {
    throw new TypeError('Failed to fetch');
  });
  assert.deepEqual(verdict, { is: 'unknown' });
});
