/** Images in prompts with the real CLI: from an upload to the Messages API, and back in history. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DirectFrame, KeptFrame } from '../../src/transport/protocol.ts';
import type { MessagePage, UploadView } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { GIF, PNG, WEBP } from '../support/images.ts';
import { ScriptedApi } from '../support/scripted-api.ts';
import { ServedProcess } from '../support/served-process.ts';
import { startServer, type TestServer } from '../support/server.ts';

const settings = (api: ScriptedApi) => ({
  CHAT_CLAUDE_BIN: new URL(
    '../../node_modules/@anthropic-ai/claude-code/bin/claude.exe',
    import.meta.url,
  ).pathname,
  ANTHROPIC_BASE_URL: api.url,
  ANTHROPIC_API_KEY: 'test-key-for-loopback',
  CHAT_TITLES: 'prompt',
});

interface Block {
  type: string;
  text?: string;
  source?: { type: string; media_type: string; data: string };
}

/** The images that stand in the last request, with the words beside each. */
function imagesIn(api: ScriptedApi): { type: string; data: string; beside: string }[] {
  const { messages } = (api.requests.at(-1)?.body ?? { messages: [] }) as {
    messages: { content: string | Block[] }[];
  };
  return messages.flatMap(({ content }) => {
    const blocks = typeof content === 'string' ? [] : content;
    const beside = blocks.map(({ text = '' }) => text).join('');
    return blocks.flatMap(({ source }) =>
      source ? [{ type: source.media_type, data: source.data, beside }] : [],
    );
  });
}

const part = (url: string) => ({ type: 'image', source: { type: 'url', value: url } });
const text = (words: string) => ({ type: 'text', text: words });

async function bring(origin: string, cookie: string, body: Buffer, type: string) {
  const answer = await fetch(`${origin}/chat/api/uploads`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { Cookie: cookie, 'Content-Type': type },
  });
  assert.equal(answer.status, 201);
  return (await answer.json()) as UploadView;
}

function ask(client: TestClient, threadId: string, runId: string, content: unknown): string {
  client.send({ threadId, runId, messages: [{ id: 'u', role: 'user', content }] });
  return runId;
}

describe('images and the real CLI', { timeout: 120_000 }, () => {
  let api: ScriptedApi;
  let server: TestServer;

  before(async () => {
    api = await ScriptedApi.start();
    server = await startServer({ ...settings(api), CHAT_MAX_PROCESSES: '1' });
  });
  after(async () => {
    await server.stop();
    await api.stop();
  });

  test('[IM4] an image reaches the API as it is, and is still known after the process has gone', async () => {
    const cookie = await server.cookieFor('amy');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    const { url } = await bring(server.origin, cookie, PNG, 'image/png');
    const run = ask(client, thread, 'r1', [text('what is this?'), part(url)]);
    const end = await client.runEnded(run);
    assert.equal(end.type, 'RUN_FINISHED');
    const [image] = imagesIn(api);
    assert.equal(image?.type, 'image/png');
    assert.deepEqual(Buffer.from(image?.data ?? '', 'base64'), PNG);
    assert.ok(image?.beside.includes('what is this?'));
    const started = await client.event('RUN_STARTED');
    assert.deepEqual(started.input?.messages?.[0]?.content, [part(url), text('what is this?')]);
    // Another conversation takes the only room; the first comes back with --resume.
    const other = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await other.runEnded(other.prompt(await other.hello(), 'another conversation'));
    assert.equal(imagesIn(api).length, 0);
    await client.runEnded(client.prompt(thread, 'and now?'));
    assert.deepEqual(
      imagesIn(api).map(({ data }) => Buffer.from(data, 'base64')),
      [PNG],
    );
    await Promise.all([client.close(), other.close()]);
  });

  test('[IM3] [R53] images alone, several, and such that come along with the prompt', async () => {
    const cookie = await server.cookieFor('bob');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    const { url } = await bring(server.origin, cookie, WEBP, 'image/webp');
    const data = {
      type: 'image',
      source: { type: 'data', value: GIF.toString('base64'), mimeType: 'image/gif' },
    };
    const end = await client.runEnded(ask(client, thread, 'b1', [part(url), data]));
    assert.equal(end.type, 'RUN_FINISHED');
    assert.deepEqual(
      imagesIn(api).map(({ type, data: bytes }) => [type, Buffer.from(bytes, 'base64')]),
      [
        ['image/webp', WEBP],
        ['image/gif', GIF],
      ],
    );
    const sent = api.requests.length;
    ask(client, thread, 'b1', [part(url), data]);
    await client.find(
      (frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'b1',
      client.frames.length,
    );
    assert.equal(api.requests.length, sent, 'sent again, it is the same run');
    const kept = client.frames.filter((frame): frame is KeptFrame => 'chunk' in frame);
    assert.ok(!JSON.stringify(kept).includes(GIF.toString('base64')), 'no frame holds an image');
    const answer = await fetch(`${server.origin}/chat/api/conversations/${thread}/messages`, {
      headers: { Cookie: cookie },
    });
    const { messages } = (await answer.json()) as MessagePage;
    const parts = messages[0]?.content as { source: { value: string } }[];
    const shown = await fetch(`${server.origin}${parts[1]?.source.value}`, {
      headers: { Cookie: cookie },
    });
    assert.equal(shown.headers.get('content-type'), 'image/gif');
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), GIF);
    const markdown = await fetch(
      `${server.origin}/chat/api/conversations/${thread}/export?format=md`,
      { headers: { Cookie: cookie } },
    );
    assert.ok((await markdown.text()).includes(`![image](${url})`));
    const list = await fetch(`${server.origin}/chat/api/conversations`, {
      headers: { Cookie: cookie },
    });
    const { conversations } = (await list.json()) as { conversations: { title: string }[] };
    assert.deepEqual(
      conversations.map(({ title }) => title),
      ['2 images'],
    );
    await client.close();
  });

  test('[R53] what stands beside an image is text as written, too', async () => {
    const cookie = await server.cookieFor('carol');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    const { url } = await bring(server.origin, cookie, PNG, 'image/png');
    for (const words of ['/clear', '@/etc/passwd']) {
      const runId = `c${words.length}`;
      await client.runEnded(ask(client, thread, runId, [part(url), text(words)]));
      assert.ok(
        imagesIn(api).some(({ beside }) => beside.includes(words)),
        words,
      );
      assert.ok(!JSON.stringify(api.requests.at(-1)?.body).includes('root:x:'));
    }
    await client.close();
  });

  test('[IM5] an image is stopped with its prompt', async () => {
    const cookie = await server.cookieFor('dave');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    api.answer = () => [{ text: 'I see' }, { stall: true }];
    const { url } = await bring(server.origin, cookie, PNG, 'image/png');
    const run = ask(client, thread, 'd1', [part(url)]);
    await client.event('RUN_STARTED');
    client.send({ type: 'abort', runId: run });
    const end = await client.runEnded(run);
    assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
    api.answer = () => [{ text: 'Yes.' }];
    assert.equal((await client.runEnded(client.prompt(thread, 'go on'))).type, 'RUN_FINISHED');
    await client.close();
  });
});

describe('images and a server that dies', { timeout: 120_000 }, () => {
  test('[R11] an accepted prompt starts after a restart with its images', async (t) => {
    const api = await ScriptedApi.start(() => 'hang');
    const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-images-'));
    t.after(async () => {
      ServedProcess.endAll();
      await api.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
    const first = await ServedProcess.start(dataDir, settings(api));
    const cookie = await first.cookieFor('erin');
    const client = await TestClient.open(first.webSocketUrl, first.origin, cookie);
    const thread = await client.hello();
    client.prompt(thread, 'hangs', 'e1');
    await client.event('RUN_STARTED');
    const { url } = await bring(first.origin, cookie, PNG, 'image/png');
    ask(client, thread, 'e2', [part(url)]);
    const items = async () =>
      (await client.find(
        (frame) =>
          'type' in frame &&
          frame.type === 'pending' &&
          frame.items.some(({ runId }) => runId === 'e2'),
      )) as Extract<DirectFrame, { type: 'pending' }>;
    assert.deepEqual((await items()).items[0]?.images, [url]);
    await client.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'e2');
    await first.end('SIGKILL');
    api.answer = () => [{ text: 'A dot.' }];
    const second = await ServedProcess.start(dataDir, settings(api));
    const again = await TestClient.open(second.webSocketUrl, second.origin, cookie);
    await again.hello(thread);
    const end = await again.runEnded('e2');
    assert.equal(end.type, 'RUN_FINISHED');
    assert.deepEqual(
      imagesIn(api).map(({ data }) => Buffer.from(data, 'base64')),
      [PNG],
    );
    await again.close();
    await second.end('SIGTERM');
  });
});
