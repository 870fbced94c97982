/** Two servers with nothing in common but a database, and the real CLI: its memory goes along. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostgresStore } from '../../../src/store/postgres/store.ts';
import { TestClient } from '../../support/client.ts';
import { realCliSettings, startMessagesApi } from '../../support/messages-api.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { startServer, type TestServer } from '../../support/server.ts';

test('[R19] [R23] the server that goes on with a conversation has the CLI’s memory of it', {
  timeout: 120_000,
}, async (t) => {
  const url = await (await sharedPostgres()).database();
  const api = await startMessagesApi();
  t.after(() => api.stop());
  api.answer('first', 'Roses.');
  api.answer('second', 'Tulips.');
  api.answer('third', 'Daisies.');

  const start = async (name: string) => {
    const settings = { url, name, poolMax: 4, timeoutMs: 5_000, leaseMs: 10_000 };
    return startServer(realCliSettings(api), { store: await PostgresStore.open(settings) });
  };
  const say = async (server: TestServer, threadId: string, text: string) => {
    const cookie = await server.cookieFor('alice');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await client.hello(threadId);
    const end = await client.runEnded(client.prompt(threadId, text));
    assert.equal(end.type, 'RUN_FINISHED');
    await client.close();
    return JSON.stringify(api.mock.getRequests().at(-1)?.body);
  };

  const [anna, bert] = [await start('anna'), await start('bert')];
  await say(anna, 'garden', 'the first turn');
  await anna.stop();
  const second = await say(bert, 'garden', 'the second turn');
  assert.match(second, /the first turn.*Roses.*the second turn/s);
  const cleo = await start('cleo');
  await bert.stop();
  const third = await say(cleo, 'garden', 'the third turn');
  await cleo.stop();
  assert.match(third, /the first turn.*Roses.*the second turn.*Tulips.*the third turn/s);
});
