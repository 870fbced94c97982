/** What a browser saw survives the server's sudden death: a real process, killed at random points. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { mulberry32 } from '../support/random.ts';
import { ServedProcess } from '../support/served-process.ts';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 20);

describe('a server that is killed', { timeout: 60_000 + ROUNDS * 5_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-kill-'));
  after(() => {
    ServedProcess.endAll();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test(`[R1] [R2] [R10] ${ROUNDS} times at random: no event that was seen is missing or changed, and the run ends as interrupted`, async () => {
    let server = await ServedProcess.start(dataDir);
    const cookie = await server.cookieFor('alice');
    const random = mulberry32(20_261_122);
    const prompts = ['show markdown', 'hello there', 'a slow one', 'use a tool'];
    for (let round = 0; round < ROUNDS; round++) {
      const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
      const thread = await client.hello();
      const run = client.prompt(thread, prompts[round % prompts.length] ?? '');
      const framesToSee = 1 + Math.floor(random() * 30);
      await client.find(
        () =>
          client.kept.length >= framesToSee ||
          client.events.some(({ type }) => type === 'RUN_FINISHED'),
      );
      await server.end('SIGKILL');
      await client.closed;
      const seen = client.kept;

      server = await ServedProcess.start(dataDir);
      const after = await TestClient.open(server.webSocketUrl, server.origin, cookie);
      await after.hello(thread);
      const kept = after.kept;
      assert.deepEqual(
        kept.slice(0, seen.length),
        seen,
        `round ${round}: what was seen is there, unchanged`,
      );
      const terms = kept.map(({ chunk }) => chunk.type);
      assert.equal(
        terms.filter((type) => type === 'RUN_STARTED').length,
        1,
        'it was not run again',
      );
      const end = kept.at(-1)?.chunk;
      const finished = seen.some(({ chunk }) => chunk.type === 'RUN_FINISHED');
      if (!finished)
        assert.ok(
          end?.type === 'RUN_ERROR' ? end.code === 'interrupted' : end?.type === 'RUN_FINISHED',
        );
      const resumed = await TestClient.open(server.webSocketUrl, server.origin, cookie);
      await resumed.hello(thread, seen.at(-1)?.id ?? null);
      assert.deepEqual(
        resumed.kept,
        kept.slice(seen.length),
        'a cursor from before the crash goes on after it',
      );
      const next = after.prompt(thread, 'an error, please');
      const answered = await after.runEnded(next);
      assert.equal(
        answered.type === 'RUN_ERROR' && answered.code,
        'claude.api',
        'the next prompt is answered',
      );
      assert.notEqual(next, run);
      await Promise.all([after.close(), resumed.close()]);
    }
    assert.equal(await server.end('SIGTERM'), 0);
  });

  test('[R11] a prompt that was accepted and had not started starts when the server is back', async () => {
    const server = await ServedProcess.start(dataDir);
    const cookie = await server.cookieFor('bob');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    client.prompt(thread, 'a slow one');
    await client.event('RUN_STARTED');
    const waiting = client.prompt(thread, 'show markdown');
    await client.find(
      (frame) => 'type' in frame && frame.type === 'reply' && frame.ref === waiting,
    );
    await server.end('SIGKILL');
    const back = await ServedProcess.start(dataDir);
    const again = await TestClient.open(back.webSocketUrl, back.origin, cookie);
    await again.hello(thread);
    assert.equal((await again.runEnded(waiting)).type, 'RUN_FINISHED');
    await again.close();
    assert.equal(await back.end('SIGTERM'), 0);
  });
});
