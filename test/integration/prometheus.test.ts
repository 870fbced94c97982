/** The rules and the dashboard of docs/operations name what is exposed, and a real Prometheus reads it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const RULES = 'docs/operations/alerts.yml';
const DASHBOARD = 'docs/operations/dashboard.json';
const TOKEN = 'a-token-for-prometheus-7';

let server: TestServer;
let dir: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'greenroom-prometheus-'));
  server = await startServer({ CHAT_METRICS_TOKEN: TOKEN });
  const client = await TestClient.open(
    server.webSocketUrl,
    server.origin,
    await server.cookieFor('alice'),
  );
  await client.runEnded(client.prompt(await client.hello(), 'hello'));
  await client.close();
});
after(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

/** Null where Prometheus is here, else why its tests are skipped. */
function prometheusIsMissing(): string | null {
  const missing = spawnSync('promtool', ['--version']).error !== undefined;
  if (missing && process.env.CI === 'true')
    throw new Error('prometheus is not installed, and CI must not skip');
  return missing ? 'prometheus is not installed' : null;
}
const skip = prometheusIsMissing() ?? false;

const scrape = async () =>
  (
    await fetch(`${server.origin}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } })
  ).text();

test('what is exposed is well formed, by promtool', { skip }, async () => {
  const text = await scrape();
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text });
  // 3: it read all, and has a taste in names; prom-client's own and the GenAI conventions have another.
  assert.ok(status === 0 || status === 3, String(stderr));
});

test('the alert rules load in promtool', { skip }, () => {
  const out = execFileSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
  assert.match(out, /SUCCESS: \d+ rules found/);
});

test('rules, dashboard and the list name only what is exposed, and the list names all that is ours', async () => {
  const text = await scrape();
  const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? ''));
  const dashboard = readFileSync(DASHBOARD, 'utf8');
  const list = readFileSync('docs/operations/README.md', 'utf8');
  for (const source of [readFileSync(RULES, 'utf8'), dashboard, list])
    for (const [name] of source.matchAll(
      /\b(?:greenroom|gen_ai_client|nodejs|process)_[a-z0-9_]+/g,
    )) {
      if (/^(?:nodejs_|process_)$/.test(name)) continue;
      const base = name.replace(/_(?:bucket|sum|count)$/, '');
      assert.ok(names.has(name) || names.has(base), `${name} is not exposed`);
    }
  const ours = [...names].filter((name) => /^(?:greenroom|gen_ai)_/.test(name));
  assert.deepEqual(
    ours.filter((name) => !list.includes(`\`${name}\``)),
    [],
  );
});

test('a real Prometheus scrapes it with the token, and loads the rules', {
  timeout: 60_000,
}, async () => {
  const target = new URL(server.origin).host;
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s }
rule_files: ['${join(process.cwd(), RULES)}']
scrape_configs:
  - job_name: greenroom
    authorization: { credentials: ${TOKEN} }
    static_configs: [{ targets: ['${target}'] }]
`,
  );
  const port = await freePort();
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  try {
    const query = async (expr: string) => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`;
      const answer = await fetch(url)
        .then((it) => it.json())
        .catch(() => null);
      return (answer as { data?: { result: { value: [number, string] }[] } } | null)?.data?.result;
    };
    let up = await query('up{job="greenroom"}');
    while (up?.[0]?.value[1] !== '1') {
      await new Promise((resolve) => setTimeout(resolve, 200));
      up = await query('up{job="greenroom"}');
    }
    const done = await query('greenroom_runs_ended_total{outcome="done"}');
    assert.equal(done?.[0]?.value[1], '1');
    const rules = await fetch(`http://127.0.0.1:${port}/api/v1/rules`).then((it) => it.json());
    assert.match(JSON.stringify(rules), /GreenroomFirstChunkSlow/);
  } finally {
    prometheus.kill();
    await once(prometheus, 'exit');
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
