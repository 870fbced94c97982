import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shellRoute } from '../../../src/ui/offline/shell-route.ts';

const SCOPE = 'https://chat.example.org/chat/';
const route = (path: string, mode = 'cors', method = 'GET') =>
  shellRoute({ url: new URL(path, SCOPE).href, mode, method }, SCOPE);

test('the page itself is opened without a network, whichever conversation its address names', () => {
  assert.equal(route('./', 'navigate'), 'page');
  assert.equal(route('./#/c/t1', 'navigate'), 'page');
});

test('files whose names hold their content are kept', () => {
  assert.equal(route('assets/index-B9ZhlxvZ.js'), 'asset');
  assert.equal(route('assets/index-DY4K3usP.css', 'no-cors'), 'asset');
});

test('[R37] whatever is anybody’s own is left alone: sign-in, API, images, sockets, other methods', () => {
  for (const path of [
    'login',
    'login?code=x',
    'logout',
    'oauth/callback?code=x',
    './?code=x',
    'share/abc',
    'diagram/frame',
    'ops/',
    'ops/#/all',
    'ops/index.html',
    'ops/stately',
    '/',
    '/chat',
  ])
    assert.equal(route(path, 'navigate'), 'pass', path);
  for (const path of [
    'api/me',
    'ops/charts',
    'ops/capsules',
    'api/conversations',
    'api/uploads/x',
    'auth/verify',
    'sw.js',
    'manifest.webmanifest',
    'assets',
    'https://elsewhere.example/chat/assets/x.js',
  ])
    assert.equal(route(path), 'pass', path);
  assert.equal(route('assets/x.js', 'cors', 'POST'), 'pass');
  assert.equal(route('./', 'navigate', 'POST'), 'pass');
});

test('of all addresses, only those under assets are ever kept', () => {
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.webPath(),
      (url, path) => {
        assert.equal(shellRoute({ url, mode: 'cors', method: 'GET' }, SCOPE), 'pass');
        const own = SCOPE.slice(0, -1) + path;
        const kept = shellRoute({ url: own, mode: 'cors', method: 'GET' }, SCOPE) === 'asset';
        assert.equal(kept && !new URL(own).pathname.startsWith('/chat/assets/'), false);
      },
    ),
  );
});
