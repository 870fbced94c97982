import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { encodedFor } from '../../src/transport/encoded.ts';
import type { Asset } from '../../src/transport/static.ts';
import { rawOnce } from '../support/raw.ts';
import { startServer } from '../support/server.ts';

const body = Buffer.from('export const words = "the same again and again";\n'.repeat(200));
const script: Asset = { body, type: 'text/javascript', etag: '"abc"', immutable: true };
const asking = (accept?: string) =>
  ({ headers: accept === undefined ? {} : { 'accept-encoding': accept } }) as never;

test('an asset is sent in the smallest form its reader understands', async () => {
  for (const [accept, encoding] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip;q=0.1', 'gzip'],
    ['*', 'br'],
    ['deflate', 'identity'],
    ['', 'identity'],
    [undefined, 'identity'],
  ] as const)
    assert.equal((await encodedFor(asking(accept), script)).encoding, encoding, String(accept));
});

test('whatever its form, its bytes come out the same, and each form has a name of its own', async () => {
  const br = await encodedFor(asking('br'), script);
  const gzip = await encodedFor(asking('gzip'), script);
  assert.ok(br.body.length < body.length / 10);
  assert.deepEqual(brotliDecompressSync(br.body), body);
  assert.deepEqual(gunzipSync(gzip.body), body);
  assert.deepEqual([br.etag, gzip.etag], ['"abc-br"', '"abc-gzip"']);
  assert.equal((await encodedFor(asking('br'), script)).body, br.body, 'made once');
});

test('what is compressed already, or small, stays as it is', async () => {
  const image: Asset = { ...script, type: 'image/png' };
  const small: Asset = { ...script, body: body.subarray(0, 500) };
  for (const asset of [image, small])
    assert.equal((await encodedFor(asking('br'), asset)).encoding, 'identity');
});

test('a browser that has one form is told so, and one that reads another is not', async () => {
  const server = await startServer();
  try {
    const own = { Cookie: await server.cookieFor('alice') };
    const page = await rawOnce(server.origin, '/chat/', own);
    const file = /assets\/[^"]+\.js/.exec(page.body)?.[0];
    const get = (headers: Record<string, string>) =>
      rawOnce(server.origin, `/chat/${file}`, { ...own, ...headers });
    const { headers } = await get({ 'Accept-Encoding': 'br' });
    assert.deepEqual([headers['content-encoding'], headers.vary], ['br', 'Accept-Encoding']);
    const known = { 'If-None-Match': headers.etag ?? '' };
    assert.equal((await get({ ...known, 'Accept-Encoding': 'br' })).status, 304);
    const weak = { 'If-None-Match': `"another", W/${headers.etag}` };
    assert.equal(
      (await get({ ...weak, 'Accept-Encoding': 'br' })).status,
      304,
      'a proxy made it weak',
    );
    const plain = await get(known);
    assert.deepEqual([plain.status, plain.headers['content-encoding']], [200, undefined]);
  } finally {
    await server.stop();
  }
});
