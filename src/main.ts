/** The only place that reads the process's environment and arguments, and that ends it. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { inheritable } from './claude/launch.ts';
import { backup, importHistories, usage } from './cli/data.ts';
import { doctor } from './cli/doctor.ts';
import { inspect, type Screen } from './cli/inspect.ts';
import { replayFile } from './cli/replay.ts';
import { serve } from './cli/serve.ts';
import { login, session } from './cli/sign-in.ts';
import { onEndSignal } from './cli/signals.ts';
import { smoke } from './cli/smoke.ts';
import { USAGE, UsageError } from './cli/usage.ts';
import { type Ask, user } from './cli/user.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './settings.ts';
import { describeError } from './telemetry/log.ts';

const { version, devDependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const uiDir = fileURLToPath(new URL('../dist/ui', import.meta.url));

const END_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  serve: async () => {
    const config = readConfig(process.env);
    const leave = () => process.exit(0); // nothing is at work yet that could be lost
    for (const signal of END_SIGNALS) process.on(signal, leave);
    // In a terminal that is closed, local mode ends as any program does. Before it serves, it is read again anyway.
    let reload = async () => {};
    if (config.signIn === 'forge') process.on('SIGHUP', () => void reload());
    const served = await serve({ config, inherited: inheritable(process.env), version, uiDir });
    reload = () => served.reload(process.env);
    stopOnSignal(served.stop); // before anybody is told that it is there
    for (const signal of END_SIGNALS) process.off(signal, leave);
    // It may have waited for long, and who was taken from the list between two servers is still signed in.
    if (config.signIn === 'forge') await reload();
    print(`listening on ${served.url}`);
    if (config.signIn === 'local') print(`sign in: ${served.signInUrl()}`);
  },
  login: async () => print(await login(readConfig(process.env))),
  session: async (args) => print(await session(readConfig(process.env), args)),
  doctor: async (args) => {
    const parts = {
      env: process.env,
      inherited: inheritable(process.env),
      uid: process.getuid?.() ?? null,
      pinned: devDependencies['@anthropic-ai/claude-code'],
    };
    const { text, healthy } = await doctor(parts, args);
    print(text);
    if (!healthy) process.exitCode = 1;
  },
  smoke: async (args) => {
    const { text, healthy } = await smoke(args, process.env.GREENROOM_SMOKE_COOKIE);
    print(text);
    if (!healthy) process.exitCode = 1;
  },
  backup: async (args) => print(await backup(readConfig(process.env), args)),
  usage: async (args) => print(await usage(readConfig(process.env), args)),
  user: async (args) => print(await user(readConfig(process.env), args, ask())),
  inspect: async (args) => inspect(readConfig(process.env), args, terminal()),
  replay: async (args) => {
    const { text, same } = await replayFile(args);
    print(text);
    if (!same) process.exitCode = 1;
  },
  import: async (args) => print(await importHistories(readConfig(process.env), args)),
};

async function main([command = 'serve', ...args]: readonly string[]): Promise<void> {
  if (command === '--version') return print(version);
  if (command === '--help' || command === 'help' || args.includes('--help'))
    return print(USAGE.trimEnd());
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!run) throw new UsageError(`unknown command: ${command}`);
  if (['serve', 'login'].includes(command) && args.length > 0)
    throw new UsageError(`${command} takes no arguments`);
  await run(args);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function terminal(): Screen {
  const { stdout } = process;
  stdout.on('error', () => process.exit(0)); // whoever read it has gone
  return {
    write: (text) => void stdout.write(text),
    get size() {
      return stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : null;
    },
  };
}

/** Somebody at a terminal, who sees the question beside what is printed. */
function ask(): Ask {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}

function stopOnSignal(stop: () => Promise<number>): void {
  const onSignal = onEndSignal({
    drain: () => void stop().then(() => process.exit(0), fail),
    exitNow: () => process.exit(1),
    now: () => performance.now(),
  });
  for (const signal of END_SIGNALS) process.on(signal, onSignal);
}

function fail(error: unknown): never {
  if (error instanceof ConfigError || error instanceof UsageError) {
    process.stderr.write(`greenroom: ${error.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`greenroom: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

process.on('uncaughtException', (error) => {
  // Its words may quote what people wrote, so only its kind and place are told.
  process.stderr.write(`greenroom: a bug: ${JSON.stringify(describeError(error))}\n`);
  process.exit(70);
});

main(process.argv.slice(2)).catch(fail);
