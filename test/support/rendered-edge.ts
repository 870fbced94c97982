/** The edge as its Nomad job runs it: the job's templates rendered, its environment, the real Caddy, and TLS. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { EDGE_SECRET, freePort, serving } from './caddy.ts';
import { renderTemplate, type TemplateSources } from './go-template.ts';
import { type Block, blocksOf, evaluateHcl, type Value } from './hcl.ts';

const JOB = fileURLToPath(new URL('../../nomad/jobs/edge.hcl', import.meta.url));

/** Where a service's instances are, on this machine. */
export type Instances = readonly number[];

export class RenderedEdge {
  readonly #dir = mkdtempSync(join(tmpdir(), 'greenroom-edge-'));
  readonly #task: Block;
  readonly #env: Record<string, string>;
  #caddy: ChildProcess | null = null;
  readonly port: number;

  private constructor(task: Block, port: number, admin: number, env: Record<string, string>) {
    this.#task = task;
    this.port = port;
    this.#env = {
      PATH: process.env.PATH ?? '',
      HOME: this.#dir,
      CHAT_EDGE_ADMIN: `127.0.0.1:${admin}`,
      CHAT_EDGE_OPTIONS: 'auto_https disable_redirects', // whose listener would be this machine's port 80
      ...this.#inPlace(blocksOf(task.env)[0] as Record<string, string>),
      ...env,
    };
  }

  /**
   * Writes what Nomad would.
   * @param given Variables of the job.
   * @param env Over what the job sets.
   */
  static async render(
    chat: Instances,
    given: Readonly<Record<string, Value>> = {},
    env: Record<string, string> = {},
  ): Promise<RenderedEdge> {
    const port = await freePort();
    const { job } = await evaluateHcl(JOB, {
      listen: `https://localhost:${port}`,
      stream_close_delay: '', // Debian's Caddy does not know it
      ...given,
    });
    const [{ group = {} } = {}] = blocksOf((job as Block).edge);
    const [{ task = {} } = {}] = blocksOf((group as Block).edge);
    const [caddy = {}] = blocksOf((task as Block).caddy);
    const edge = new RenderedEdge(caddy, port, await freePort(), env);
    edge.rewrite(chat);
    return edge;
  }

  get origin(): string {
    return `https://localhost:${this.port}`;
  }

  get webSocketUrl(): string {
    return `wss://localhost:${this.port}/chat/ws`;
  }

  /** Writes the templates anew, as Nomad does when instances come and go. */
  rewrite(chat: Instances, others: Readonly<Record<string, Instances>> = {}): void {
    const at = (ports: Instances) => ports.map((Port) => ({ Address: '127.0.0.1', Port }));
    const services = Object.fromEntries(
      Object.entries({ chat, ...others }).map(([name, ports]) => [name, at(ports)]),
    );
    const item = { forward_auth_secret: EDGE_SECRET };
    const sources: TemplateSources = {
      services,
      env: this.#env,
      variables: { 'nomad/jobs/edge': item },
    };
    for (const template of blocksOf(this.#task.template)) {
      const text = renderTemplate(String(template.data), sources);
      const file = join(this.#dir, String(template.destination));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      if (template.env === true)
        for (const line of text.split('\n').filter(Boolean))
          this.#env[line.split('=')[0] ?? ''] = line.slice(line.indexOf('=') + 1);
    }
  }

  /** As the machine's Caddy reads it; what is wrong with it rejects. */
  adapted(): string {
    return this.#run(['adapt', '--validate', '--config', join(this.#dir, 'local/Caddyfile')]);
  }

  /** Starts it; from then on this process trusts its certificates. */
  async start(): Promise<this> {
    const { args = [] } = blocksOf(this.#task.config)[0] ?? {};
    const caddy = spawn('caddy', this.#paths(args), {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#caddy = caddy;
    await serving(caddy);
    const root = join(this.#dir, '.local/share/caddy/pki/authorities/local/root.crt');
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(root, 'utf8')]);
    return this;
  }

  /** What the job runs when a template has changed. */
  reload(): void {
    const script = blocksOf(this.#task.template).flatMap(({ change_script }) =>
      blocksOf(change_script),
    )[0];
    this.#run(this.#paths(script?.args ?? []));
  }

  async stop(): Promise<void> {
    const caddy = this.#caddy;
    if (caddy !== null && caddy.exitCode === null && caddy.kill('SIGTERM'))
      await once(caddy, 'exit');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #run(args: string[]): string {
    const { status, stdout, stderr } = spawnSync('caddy', args, {
      env: this.#env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`caddy ${args[0]}: ${stderr.slice(-500)}`);
    return stdout;
  }

  /** The container's paths, where they are here. */
  #paths(args: Value): string[] {
    return (args as string[]).map((arg) => arg.replace(/^\/local\//, `${this.#dir}/local/`));
  }

  #inPlace(env: Record<string, string>): Record<string, string> {
    const values = Object.entries(env).map(([name, value]) => [
      name,
      value.replaceAll('/local/', `${this.#dir}/local/`),
    ]);
    return Object.fromEntries(values);
  }
}
