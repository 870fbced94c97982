import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { rawOnce } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

const CANARY = 'CANARY-2f81';
const TOKEN = 'a-token-for-prometheus-7';

/** Values by name and labels, as `greenroom_sessions{state="idle"}`. */
async function scrape(server: TestServer, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.origin}/metrics`, { headers });
  const text = await answer.text();
  const values = new Map<string, number>();
  for (const line of text.split('\n'))
    if (line !== '' && !line.startsWith('#')) {
      const at = line.lastIndexOf(' ');
      values.set(line.slice(0, at), Number(line.slice(at + 1)));
    }
  return { answer, text, values };
}

describe('metrics', { timeout: 60_000 }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  test('what goes on is counted and timed, in terms that others know', async () => {
    const cookie = await server.cookieFor('alice');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, `${CANARY} hello`));
    const { answer, values } = await scrape(server);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(values.get('greenroom_sessions{state="idle"}'), 1);
    assert.equal(values.get('greenroom_runs{state="running"}'), 0);
    assert.equal(values.get('greenroom_processes{state="alive"}'), 1);
    assert.equal(values.get('greenroom_runs_ended_total{outcome="done"}'), 1);
    for (const name of ['journal_waiting_rows', 'journal_waiting_bytes', 'unsent_bytes'])
      assert.equal(values.get(`greenroom_${name}`), 0, name);
    const resident = (of: string) =>
      values.get(`greenroom_process_resident_bytes{of="${of}"}`) ?? 0;
    assert.ok(resident('largest') > 10_000_000);
    assert.equal(resident('all'), resident('largest'), 'there is one process');
    const labels =
      '{gen_ai_operation_name="invoke_agent",gen_ai_provider_name="anthropic",gen_ai_request_model="default"}';
    for (const name of ['duration', 'time_to_first_chunk'])
      assert.equal(values.get(`gen_ai_client_operation_${name}_seconds_count${labels}`), 1, name);
    assert.ok((values.get('greenroom_journal_append_seconds_count') ?? 0) > 2);
    assert.ok(values.has('nodejs_eventloop_lag_p99_seconds'));
    assert.ok([...values.keys()].some((name) => name.startsWith('greenroom_build_info{')));
    await client.close();
  });

  test('a socket that is not let in is counted by why', async () => {
    const cookie = await server.cookieFor('alice');
    const foreign = TestClient.open(server.webSocketUrl, 'https://evil.example', cookie);
    await assert.rejects(foreign, /refused: 403/);
    const { values } = await scrape(server);
    assert.equal(values.get('greenroom_refused_total{reason="origin.refused"}'), 1);
  });

  test('the memory of a process is that of none once it has gone', async () => {
    const cookie = await server.cookieFor('bob');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'hello'));
    const all = 'greenroom_process_resident_bytes{of="all"}';
    const before = (await scrape(server)).values.get(all) ?? 0;
    await client.close();
    await fetch(`${server.origin}/chat/api/conversations/${thread}`, {
      method: 'DELETE',
      headers: { cookie, origin: server.origin },
    });
    let values = new Map<string, number>();
    while (values.get('greenroom_processes{state="alive"}') !== 1)
      ({ values } = await scrape(server));
    const left = values.get(all) ?? 0;
    assert.ok(left > 0 && left < before - 10_000_000, `${before} and then ${left}`);
  });

  test('[R59] [R60] no word, name, id or cookie of anybody’s is in them', async () => {
    const { text } = await scrape(server);
    assert.doesNotMatch(text, /CANARY|alice|thread|greenroom_session=/);
  });

  test('they are not under the base path, and no other method reads them', async () => {
    const cookie = await server.cookieFor('alice');
    const inside = await rawOnce(server.origin, '/chat/metrics', { Cookie: cookie });
    assert.equal(inside.status, 404);
    assert.equal((await rawOnce(server.origin, '/metrics', {}, 'POST')).status, 405);
  });
});

test('prompts that a limit parks or refuses are counted by which', async () => {
  const server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  try {
    const cookie = await server.cookieFor('alice');
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    const thread = await client.hello();
    await client.runEnded(client.prompt(thread, 'hello'));
    client.prompt(thread, 'parked');
    await client.direct('throttled');
    const counted = async () =>
      (await scrape(server)).values.get('greenroom_throttled_total{limit="hour"}');
    assert.equal(await counted(), 1, 'it is parked once, however many are told');
    client.prompt(thread, 'refused: another waits');
    await client.event('RUN_ERROR');
    assert.equal(await counted(), 2);
    await client.close();
  } finally {
    await server.stop();
  }
});

test('without a token they are for this machine alone, also behind a proxy', async () => {
  const server = await startServer({ CHAT_TRUSTED_PROXIES: '127.0.0.1' });
  try {
    assert.equal((await scrape(server)).answer.status, 200);
    const { answer, text } = await scrape(server, { 'X-Forwarded-For': '203.0.113.9' });
    assert.equal(answer.status, 401);
    assert.match(text, /CHAT_METRICS_TOKEN/);
  } finally {
    await server.stop();
  }
});

test('[R60] without a token nobody reads them through a proxy that was not named, or that names no address', async () => {
  for (const CHAT_TRUSTED_PROXIES of ['', '127.0.0.1']) {
    const server = await startServer({ CHAT_TRUSTED_PROXIES });
    try {
      for (const headers of [
        { 'X-Forwarded-For': '203.0.113.9' },
        { 'X-Forwarded-For': '203.0.113.9:4711' },
        { 'X-Real-IP': '203.0.113.9' },
        { Forwarded: 'for=203.0.113.9' },
        { Via: '1.1 Caddy' },
      ])
        assert.equal((await scrape(server, headers)).answer.status, 401, JSON.stringify(headers));
      assert.equal((await scrape(server)).answer.status, 200);
    } finally {
      await server.stop();
    }
  }
});

test('with a token they are for who sends it', async () => {
  const server = await startServer({
    CHAT_METRICS_TOKEN: TOKEN,
    CHAT_TRUSTED_PROXIES: '127.0.0.1',
  });
  try {
    const from = { 'X-Forwarded-For': '203.0.113.9' };
    for (const Authorization of ['', TOKEN, `Bearer ${TOKEN}x`, `bearer ${TOKEN.slice(1)}`]) {
      const { answer } = await scrape(server, { ...from, Authorization });
      assert.equal(answer.status, 401, Authorization);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    }
    const { answer } = await scrape(server, { ...from, Authorization: `Bearer ${TOKEN}` });
    assert.equal(answer.status, 200);
  } finally {
    await server.stop();
  }
});
