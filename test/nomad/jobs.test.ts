/** Nomad's files: what Nomad would refuse, and what must hold of a deployment. No Nomad takes part. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../src/config.ts';
import { renderTemplate } from '../support/go-template.ts';
import { type Block, blocksOf, evaluateHcl, parseHcl, type Value } from '../support/hcl.ts';
import { CLIENT_FILE, JOB_FILE, unknownKeys } from '../support/nomad-schema.ts';

const NOMAD = fileURLToPath(new URL('../../nomad', import.meta.url));
const CHAT = join(NOMAD, 'jobs/chat.hcl');
const EDGE = join(NOMAD, 'jobs/edge.hcl');
const CLIENT = join(NOMAD, 'client.hcl');

const CHAT_GIVEN = {
  image: 'greenroom:1',
  public_url: 'https://chat.example.org',
  forge_url: 'http://forge.internal:3000',
  forge_public_url: 'https://forge.example.org',
  oauth_client_id: 'an-id',
};

/** Every way a job may be set up that changes its shape. */
const WAYS: readonly [name: string, file: string, given: Record<string, Value>][] = [
  ['chat', CHAT, CHAT_GIVEN],
  ['chat with Vault', CHAT, { ...CHAT_GIVEN, secrets_from: 'vault' }],
  ['chat as a cluster', CHAT, { ...CHAT_GIVEN, cluster: true }],
  ['edge', EDGE, {}],
  ['edge with Vault', EDGE, { secrets_from: 'vault' }],
];

interface Parts {
  readonly group: Block;
  readonly task: Block;
  readonly config: Block;
  readonly env: Block;
  readonly templates: Block[];
}

async function partsOf(file: string, given: Record<string, Value>): Promise<Parts> {
  const { job } = await evaluateHcl(file, given);
  const group = only(Object.values(only(Object.values(job as Block)).group as Block));
  const task = only(Object.values(group.task as Block));
  const [config = {}] = blocksOf(task.config);
  const [env = {}] = blocksOf(task.env);
  return { group, task, config, env, templates: blocksOf(task.template) };
}

function only(values: readonly Value[]): Block {
  assert.equal(values.length, 1);
  const [block] = blocksOf(values[0]);
  assert.ok(block);
  return block;
}

function seconds(value: Value | undefined): number {
  const [, count, unit = ''] = /^(\d+)(s|m)$/.exec(String(value)) ?? [];
  assert.ok(count, `${String(value)} is no duration`);
  return Number(count) * (unit === 'm' ? 60 : 1);
}

for (const [name, file, given] of WAYS) {
  describe(name, () => {
    test('has no key that Nomad does not know', async () => {
      assert.deepEqual(unknownKeys(await evaluateHcl(file, given), JOB_FILE), []);
    });

    test('its container has no way to more than it needs', async () => {
      const { config, task } = await partsOf(file, given);
      assert.equal(task.driver, 'docker');
      assert.equal(config.readonly_rootfs, true);
      assert.deepEqual(config.cap_drop, ['ALL']);
      assert.deepEqual(config.cap_add ?? [], name.startsWith('edge') ? ['NET_BIND_SERVICE'] : []);
      assert.deepEqual(config.security_opt, ['no-new-privileges']);
      assert.equal(config.init, true);
      assert.ok(Number(config.pids_limit) > 0);
      for (const key of ['privileged', 'volumes', 'network_mode', 'pid_mode', 'ipc_mode'])
        assert.equal(config[key], undefined, key);
      for (const mount of blocksOf(config.mount)) assert.equal(mount.type, 'tmpfs');
      const [resources = {}] = blocksOf(task.resources);
      assert.ok(Number(resources.memory) > 0 && Number(resources.cpu) > 0);
      assert.match(String(config.image), /:\d[\w.-]*$/, 'a tag that says which');
    });

    test('every volume it mounts is declared, and the client has it', async () => {
      const { group, task } = await partsOf(file, given);
      const { client } = await evaluateHcl(CLIENT);
      const hosts = Object.keys((blocksOf(client)[0]?.host_volume ?? {}) as Block);
      const mounts = blocksOf(task.volume_mount);
      assert.ok(mounts.length > 0);
      for (const { volume } of mounts) {
        const [declared = {}] = blocksOf((group.volume as Block)[String(volume)]);
        assert.equal(declared.type, 'host');
        assert.ok(hosts.includes(String(declared.source)), String(declared.source));
      }
    });

    test('the client gives it the time it takes to stop', async () => {
      const { task } = await partsOf(file, given);
      const { client } = await evaluateHcl(CLIENT);
      const most = seconds(blocksOf(client)[0]?.max_kill_timeout);
      assert.ok(seconds(task.kill_timeout) <= most);
      assert.equal(task.kill_signal, 'SIGTERM');
    });

    test('its checks are sound, and only its life is a reason to restart it', async () => {
      const { group } = await partsOf(file, given);
      const [service = {}] = blocksOf(group.service);
      const [network = {}] = blocksOf(group.network);
      assert.ok(String(service.port) in (network.port as Block));
      assert.equal(service.provider, 'nomad');
      for (const check of blocksOf(service.check)) {
        assert.ok(seconds(check.timeout) < seconds(check.interval));
        if (check.check_restart !== undefined) assert.equal(check.path, '/healthz');
      }
      const [update = {}] = blocksOf(group.update);
      assert.ok(seconds(update.min_healthy_time) < seconds(update.healthy_deadline));
      assert.ok(seconds(update.healthy_deadline) < seconds(update.progress_deadline));
      assert.equal(update.auto_promote === true, Number(update.canary ?? 0) > 0);
    });

    test('every secret comes as a file for its user alone, from where it was told to take it', async () => {
      const { templates } = await partsOf(file, given);
      const secrets = templates.filter(({ destination }) => /^secrets\//.test(String(destination)));
      assert.ok(secrets.length > 0);
      const told = given.secrets_from === 'vault';
      for (const template of secrets) {
        assert.equal(template.perms, '0400');
        assert.equal(template.error_on_missing_key, true);
        const key = /\.(\w+) \}\}/.exec(String(template.data))?.[1] ?? '';
        const item = { [key]: 'what it holds' };
        const job = file === CHAT ? 'chat' : 'edge';
        const rendered = renderTemplate(String(template.data), {
          variables: told ? {} : { [`nomad/jobs/${job}`]: item },
          secrets: told ? { 'kv/data/greenroom': item } : {},
        });
        assert.match(rendered, /^(FORWARD_AUTH_SECRET=)?what it holds$/);
      }
    });
  });
}

describe('the chat’s job', () => {
  test('sets nothing that the server does not know', async () => {
    const known = Object.values(SETTINGS).flatMap(({ env, aliases }) => [env, ...aliases]);
    const { env } = await partsOf(CHAT, CHAT_GIVEN);
    const unknown = Object.keys(env).filter((name) => !known.includes(name.replace(/_FILE$/, '')));
    assert.deepEqual(unknown, []);
  });

  test('no secret is in an environment, and each file that one names is rendered', async () => {
    for (const credential of ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN']) {
      for (const cluster of [false, true]) {
        const given = { ...CHAT_GIVEN, cluster, claude_credential: credential };
        const { env, templates } = await partsOf(CHAT, given);
        for (const name of Object.keys(env))
          assert.doesNotMatch(name, /(SECRETS?|TOKEN|API_KEY|DATABASE_URL)$/, 'as a file only');
        const named = Object.entries(env)
          .filter(([name, value]) => name.endsWith('_FILE') && value !== '')
          .map(([, value]) => String(value));
        const rendered = templates.map(({ destination }) => `/${String(destination)}`);
        assert.deepEqual(named.sort(), rendered.sort());
        assert.equal(env[`${credential}_FILE`], '/secrets/claude_credential');
      }
    }
  });

  test('runs as a user of its own, to whom the secrets belong', async () => {
    const { task, templates } = await partsOf(CHAT, CHAT_GIVEN);
    const [uid, gid] = String(task.user).split(':').map(Number);
    assert.ok(uid && gid);
    for (const template of templates) assert.deepEqual([template.uid, template.gid], [uid, gid]);
  });

  test('what the server reads again at SIGHUP is signalled, all else restarts it', async () => {
    const { templates } = await partsOf(CHAT, CHAT_GIVEN);
    const signalled = templates.filter(({ change_mode }) => change_mode === 'signal');
    assert.deepEqual(
      signalled.map(({ destination, change_signal }) => `${destination} ${change_signal}`),
      ['cookie_secrets', 'allowed_users', 'operators'].map((name) => `secrets/${name} SIGHUP`),
    );
    for (const { change_mode } of templates)
      assert.match(String(change_mode), /^(signal|restart)$/);
  });

  test('[R23] its drain fits the time until it is killed, and a successor waits longer than that', async () => {
    for (const cluster of [false, true]) {
      const { env, task, group } = await partsOf(CHAT, { ...CHAT_GIVEN, cluster });
      const drain = (Number(env.CHAT_DRAIN_LEAD_MS) + Number(env.CHAT_DRAIN_TURN_MS)) / 1_000 + 10;
      assert.ok(drain <= seconds(task.kill_timeout));
      const wait = Number(env.CHAT_DATA_DIR_WAIT_MS) / 1_000;
      assert.ok(wait > seconds(task.kill_timeout) + seconds(group.shutdown_delay));
      const [update = {}] = blocksOf(group.update);
      assert.ok(wait < seconds(update.healthy_deadline));
    }
  });

  test('[R13] there is one server, and no canary beside it, unless they share a database', async () => {
    const alone = await partsOf(CHAT, CHAT_GIVEN);
    assert.equal(alone.group.count, 1);
    assert.equal(blocksOf(alone.group.update)[0]?.canary, 0);
    assert.equal(alone.env.CHAT_DATABASE_URL_FILE, '');
    assert.deepEqual([alone.env.CHAT_DRAIN_LEAD_MS, alone.group.shutdown_delay], ['0', '0s']);
    const many = await partsOf(CHAT, { ...CHAT_GIVEN, cluster: true, instances: 3 });
    assert.equal(many.group.count, 3);
    assert.equal(blocksOf(many.group.update)[0]?.canary, 1);
    assert.equal(many.env.CHAT_DATABASE_URL_FILE, '/secrets/database_url');
    // Two on one machine, as a canary and what it replaces are, share nothing but the users' files.
    assert.equal(many.env.CHAT_DATA_DIR, '/alloc/data/greenroom');
    assert.equal(many.env.CHAT_USERS_DIR, '/data/users');
    assert.deepEqual([alone.env.CHAT_DATA_DIR, alone.env.CHAT_USERS_DIR], ['/data', '']);
  });

  test('its checks ask what a server answers while it waits and while it drains', async () => {
    const { group } = await partsOf(CHAT, CHAT_GIVEN);
    const [service = {}] = blocksOf(group.service);
    const paths = blocksOf(service.check).map(({ path }) => path);
    assert.deepEqual(paths, ['/healthz', '/readyz']);
  });
});

describe('the edge’s job', () => {
  test('what changes while it runs is reloaded, never restarted', async () => {
    const { templates } = await partsOf(EDGE, {});
    const rendered = templates.filter(({ destination }) => /\.caddy$/.test(String(destination)));
    assert.equal(rendered.length, 2);
    for (const { change_mode, change_script, destination } of rendered) {
      assert.equal(change_mode, 'script', String(destination));
      const [script = {}] = blocksOf(change_script);
      assert.match(
        [script.command, ...(script.args as string[])].join(' '),
        /^\/usr\/bin\/caddy reload /,
      );
      assert.equal(script.fail_on_error, false);
    }
  });

  test('Caddy starts and reloads with the same file, which is rendered', async () => {
    const { config, templates, env } = await partsOf(EDGE, {});
    const files = templates.map(({ destination }) => `/${String(destination)}`);
    const [, ...running] = config.args as string[];
    for (const { change_script } of templates) {
      const [script] = blocksOf(change_script);
      if (script) assert.deepEqual((script.args as string[]).slice(1), running);
    }
    assert.ok(files.includes(running[1] ?? ''));
    assert.ok(files.includes(String(env.CHAT_EDGE_UPSTREAMS)));
    assert.ok(files.includes(String(env.CHAT_EDGE_ROUTES).replace('import ', '')));
  });

  test('every variable of the Caddyfile that it sets is one that is read there', async () => {
    const { env, templates } = await partsOf(EDGE, {});
    const texts = templates.map(({ data }) => String(data)).join('\n');
    for (const name of Object.keys(env)) assert.match(texts, new RegExp(`[$"]${name}\\b`), name);
  });
});

describe('the client’s configuration', () => {
  test('has no key that Nomad does not know', async () => {
    assert.deepEqual(unknownKeys(await parseHcl(CLIENT), CLIENT_FILE), []);
  });
});

test('a key that Nomad does not know is found, wherever it stands', () => {
  const task = { driver: 'docker', config: [{ image: 'a', read_only_rootfs: true }] };
  const job = { job: { a: [{ group: { b: [{ counts: 1, task: { c: [task] } }] } }] } };
  assert.deepEqual(unknownKeys(job as unknown as Block, JOB_FILE), [
    '/job a/group b/counts',
    '/job a/group b/task c/config/read_only_rootfs',
  ]);
});
