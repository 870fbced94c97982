/** The workspace over HTTP. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FileView, FolderView } from '../../src/transport/views.ts';
import { startServer, type TestServer } from '../support/server.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let server: TestServer;
let cookie: string;
let top: string;

before(async () => {
  server = await startServer({
    CHAT_MAX_UPLOAD_BYTES: '100000',
    CHAT_WORKSPACE_QUOTA_BYTES: '300000',
  });
  cookie = await server.cookieFor('alice');
  top = join(server.dataDir, 'users/alice/workspace');
  mkdirSync(top, { recursive: true });
});
after(() => server.stop());

const ask = (path: string, init: RequestInit = {}, as = cookie) =>
  fetch(`${server.origin}/chat/api/files${path}`, {
    ...init,
    headers: { Cookie: as, ...init.headers },
  });
const content = (path: string, more = '') => `/content?path=${encodeURIComponent(path)}${more}`;
const put = (path: string, body: BodyInit, headers: Record<string, string> = {}, as = cookie) =>
  ask(content(path), { method: 'PUT', body, headers }, as);
const faultOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { fault: string }).fault,
];

test('[FI1] [FI2] [FI4] a file is brought along, listed, shown and saved', async () => {
  const made = await put('notes & more.txt', 'hello', { 'If-None-Match': '*' });
  assert.equal(made.status, 201);
  const view = (await made.json()) as FileView;
  assert.deepEqual([view.name, view.kind, view.bytes], ['notes & more.txt', 'file', 5]);
  const folder = (await (await ask('?path=')).json()) as FolderView;
  assert.deepEqual(folder.entries, [view]);
  assert.deepEqual([folder.usedBytes, folder.quotaBytes], [5, 300_000]);
  const shown = await ask(content('notes & more.txt'));
  assert.equal(await shown.text(), 'hello');
  const saved = await ask(content('notes & more.txt', '&download'));
  assert.match(
    saved.headers.get('content-disposition') ?? '',
    /^attachment; filename="notes & more/,
  );
  assert.equal(saved.headers.get('content-type'), 'application/octet-stream');
  const etag = shown.headers.get('etag') ?? '';
  const again = await ask(content('notes & more.txt'), { headers: { 'If-None-Match': etag } });
  assert.equal(again.status, 304);
  assert.equal((await put('notes & more.txt', 'changed')).status, 200);
  const changed = await ask(content('notes & more.txt'), { headers: { 'If-None-Match': etag } });
  assert.equal(await changed.text(), 'changed');
  const head = await ask(content('notes & more.txt'), { method: 'HEAD' });
  assert.deepEqual([head.headers.get('content-length'), await head.text()], ['7', '']);
});

test('[R41] [FI3] what a file holds decides whether it is shown, and nothing of it runs', async () => {
  const page = '<script>alert(1)</script>';
  const files: [name: string, bytes: Buffer, type: string, kind: string][] = [
    ['page.html', Buffer.from(page), 'text/plain; charset=utf-8', 'inline'],
    ['a.svg', Buffer.from('<svg onload="x"/>'), 'text/plain; charset=utf-8', 'inline'],
    ['empty', Buffer.from(''), 'text/plain; charset=utf-8', 'inline'],
    ['lies.txt', PNG, 'image/png', 'inline'],
    ['lies.png', Buffer.from(page), 'text/plain; charset=utf-8', 'inline'],
    ['a.pdf', Buffer.from('%PDF-1.7\n\0'), 'application/octet-stream', 'attachment'],
    ['latin1.txt', Buffer.from([0xe4, 0x20]), 'application/octet-stream', 'attachment'],
    // The head that is looked at ends within a character.
    ['long.txt', Buffer.from(`x${'ä'.repeat(4_000)}`), 'text/plain; charset=utf-8', 'inline'],
  ];
  for (const [name, bytes, type, kind] of files) {
    writeFileSync(join(top, name), bytes);
    const answer = await ask(content(name));
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes, name);
    const header = (field: string) => answer.headers.get(field) ?? '';
    assert.equal(header('content-type'), type, name);
    assert.equal(header('content-disposition').split(';')[0], kind, name);
    assert.equal(header('x-content-type-options'), 'nosniff');
    assert.equal(header('content-security-policy'), "sandbox; default-src 'none'");
  }
});

test('[FI5] errors are faults, with the status that fits', async () => {
  mkdirSync(join(top, 'folder'), { recursive: true });
  symlinkSync('/etc', join(top, 'etc'));
  const faults: [Response, number, string][] = [
    [await ask(content('none')), 404, 'file.unknown'],
    [await ask('?path=none'), 404, 'file.unknown'],
    [await ask(content('etc/passwd')), 404, 'file.unknown'],
    [await ask('?path=etc'), 404, 'file.unknown'],
    [await ask(content('folder')), 400, 'file.notAFile'],
    [await ask('/content'), 400, 'file.notAFile'],
    [await ask(content('../../greenroom.db')), 400, 'path.refused'],
    [await ask('?path=%2e%2e'), 400, 'path.refused'],
    [await ask(content('/etc/passwd')), 400, 'path.refused'],
    [await ask('?path=%00'), 400, 'path.refused'],
    [await put('none/a.txt', 'x'), 404, 'file.unknown'],
    [await put('etc', 'x'), 400, 'file.notAFile'],
    [await put('folder', 'x', { 'If-None-Match': '*' }), 412, 'file.exists'],
    [await put('big', 'x'.repeat(100_001)), 413, 'file.tooLarge'],
  ];
  for (const [answer, status, fault] of faults)
    assert.deepEqual(await faultOf(answer), [status, fault]);
  const twice = await ask('?path=%252e%252e');
  assert.deepEqual(await faultOf(twice), [404, 'file.unknown'], 'it is decoded once');
});

test('[FI4] a file that does not say how long it is is refused as well, and hears why', async () => {
  const body = new Blob(['x'.repeat(60_000), 'y'.repeat(60_000)]).stream();
  const init = { method: 'PUT', body, duplex: 'half' as const };
  assert.deepEqual(await faultOf(await ask(content('chunked'), init)), [413, 'file.tooLarge']);
  assert.equal((await ask(content('chunked'))).status, 404);
});

test('[FI4] a workspace that is full takes nothing more', async () => {
  const bob = await server.cookieFor('bob');
  const sizes = await Promise.all(
    ['1', '2', '3'].map((name) => put(name, 'x'.repeat(99_000), {}, bob)),
  );
  assert.deepEqual(
    sizes.map(({ status }) => status),
    [201, 201, 201],
  );
  assert.deepEqual(await faultOf(await put('4', 'x'.repeat(3_001), {}, bob)), [507, 'file.quota']);
  assert.equal((await put('4', 'x'.repeat(3_000), {}, bob)).status, 201);
});

test('[R42] a page of another origin brings nothing; [R55] nobody sees the files of others', async () => {
  const evil = await put('evil', 'x', { Origin: 'https://evil.example' });
  assert.deepEqual(await faultOf(evil), [403, 'origin.refused']);
  assert.equal((await put('own', 'x', { Origin: server.origin })).status, 201);
  const carol = await server.cookieFor('carol');
  assert.deepEqual(((await (await ask('', {}, carol)).json()) as FolderView).entries, []);
  assert.equal((await ask(content('own'), {}, carol)).status, 404);
  for (const path of ['', content('own')]) assert.equal((await ask(path, {}, '')).status, 401);
  assert.equal((await put('own', 'stranger', {}, '')).status, 401);
  assert.equal(readFileSync(join(top, 'own'), 'utf8'), 'x');
});

test('an upload whose client goes leaves nothing', { timeout: 20_000 }, async () => {
  const { hostname, port } = new URL(server.origin);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(
    `PUT /chat/api/files/content?path=half HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nContent-Length: 100\r\n\r\nhalf`,
  );
  const parts = () => readdirSync(top).filter((name) => name.endsWith('.part'));
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(() => parts().length > 0);
  const folder = (await (await ask('')).json()) as FolderView;
  assert.ok(folder.entries.every(({ name }) => name !== 'half' && !name.endsWith('.part')));
  socket.destroy();
  await until(() => parts().length === 0);
  assert.ok(!readdirSync(top).includes('half'));
  assert.equal((await put('whole', 'x')).status, 201);
});
