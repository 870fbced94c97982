/** `greenroom serve`: wires the parts, listens, and stops when told to. */
import { randomUUID } from 'node:crypto';
import { findAgent } from '../claude/agent.ts';
import { Broker } from '../claude/broker.ts';
import { completePaths } from '../claude/completion.ts';
import { findConfinement } from '../claude/confinement.ts';
import { subscription } from '../claude/credentials.ts';
import { type ClaudeSettings, forgetTranscript, userDirs, usersDirOf } from '../claude/launch.ts';
import type { Config } from '../config.ts';
import { workspaces } from '../files/workspaces.ts';
import { Housekeeper } from '../store/housekeeper.ts';
import { observed } from '../store/observed.ts';
import { conversationKey, type Store, userOf } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { allowedOrigins } from '../transport/auth/origin.ts';
import { listenForControl } from '../transport/control.ts';
import { Fanout } from '../transport/fanout.ts';
import { createHttpServer } from '../transport/http.ts';
import { Listeners } from '../transport/listeners.ts';
import { imageOffer } from '../transport/prompt.ts';
import { Readiness } from '../transport/readiness.ts';
import { createSite } from '../transport/routes.ts';
import { Shares } from '../transport/shares.ts';
import { loadAssets } from '../transport/static.ts';
import { dateIn } from '../transport/usage.ts';
import { Door } from '../transport/websocket.ts';
import { wireChoices } from './choices.ts';
import { claim } from './claim.ts';
import { controlHandlers } from './control.ts';
import { endSessions, wireConversations } from './conversations.ts';
import { dataDirOf, openStore } from './data-dir.ts';
import { drain } from './drain.ts';
import { wireEdge } from './edge.ts';
import { inspectStream } from './inspect-stream.ts';
import { wireKeeper } from './keeper.ts';
import { wireLimits } from './limits.ts';
import { listen } from './listen.ts';
import { wireLogin } from './login.ts';
import { logStart, openLog } from './logs.ts';
import { type SignedIn, wireSignIns } from './members.ts';
import { type Ops, wireOps } from './ops.ts';
import { readings } from './readings.ts';
import { isFull } from './room.ts';
import { rulesOf } from './rules.ts';
import { wireTraces } from './traces.ts';

export interface Served {
  /** The port that is listened on. */
  readonly port: number;
  /** Where browsers find the page. */
  readonly url: string;
  /** A fresh sign-in link. */
  readonly signInUrl: () => string;
  /** Reads cookie keys, allowed users and operators again. */
  readonly reload: SignedIn['reload'];
  /** Drains, then stops within about 13 s; returns how many conversations had to be cut off. */
  readonly stop: () => Promise<number>;
}

export interface ServeParts {
  readonly config: Config;
  readonly inherited: Readonly<Record<string, string>>;
  readonly version: string;
  readonly uiDir: string;
  /** Instead of the one in the data directory: tests look into it, or make it fail. */
  readonly store?: Store;
  readonly log?: Log;
}

export async function serve({
  config,
  inherited,
  version,
  uiDir,
  ...given
}: ServeParts): Promise<Served> {
  const node = config.databaseUrl === null ? null : config.nodeId;
  const log = given.log ?? (await openLog(config.logLevel, node));
  const dataDir = dataDirOf(config);
  const open = () =>
    given.store ??
    openStore(dataDir, config, (error) =>
      log.warn({ err: error }, 'what another server asked could not be done'),
    );
  const { store: claimed, waiting, standby } = await claim({ config, dataDir, open, log });
  const { cluster } = claimed;
  const now = cluster === null ? Date.now : () => cluster.now();
  const { confinement, why } = await findConfinement({ ...config, dataDir, inherited });
  const { sandbox } = confinement;
  if (why !== null) log.warn({ why }, 'there is no sandbox: greenroom doctor tells more');
  const kept = await wireKeeper(cluster, config, inherited);
  const settings: ClaudeSettings = { ...config, dataDir, inherited, confinement, ...kept };
  const broker = await Broker.start(settings);
  const credentials = () => broker?.issue() ?? subscription(settings);
  const probing = credentials();
  const agent = await findAgent(config.claudeBin, settings, probing);
  probing.revoke();

  const { kind, version: agentVersion } = agent.info;
  const metrics = new Metrics({ version, agent: kind, agentVersion, sandbox });
  const store = observed(claimed, (done) => metrics.stored(done));

  const traced = await wireTraces(config, { version, agent: agent.info }, metrics, log);

  let port = config.port;
  let origins = allowedOrigins(config, port);
  const fanout = new Fanout(store);
  const { offers, choices } = await wireChoices({
    ...{ config, settings, credentials, agent, store, log },
  });
  const listeners = new Listeners();
  const allowed = wireLimits({ config, store, listeners, log, now }, () => parking.easeAll());
  const wired = wireConversations({
    ...{
      config,
      store,
      fanout,
      listeners,
      choices,
      agent,
      settings,
      credentials,
      allowed,
      now,
      log,
    },
    runs: traced.runs,
  });
  const { supervisor, conversations, parking, parked } = wired;
  const housekeeper = new Housekeeper({
    store,
    now,
    retentionDays: config.retentionDays,
    onForgotten: (key, sessionId) => {
      void supervisor.dismiss(key);
      forgetTranscript(settings, userOf(key), sessionId);
    },
    onError: (error) => log.error({ err: error }, 'the store could not be swept'),
  });
  const readiness = new Readiness(now);
  const { members, signIns, reload } = wireSignIns(config, dataDir, store, log, now);
  const images = imageOffer(config);
  const shares = new Shares({ store, members, now, log });
  const edge = { ...config, ...wireEdge(config, log, metrics) };
  const door = new Door({
    ...{ ...edge, traces: traced.traces },
    store,
    fanout,
    listeners,
    conversations,
    signIns,
    shares,
    readiness,
    parking: parked,
    ...allowed,
    origins: () => origins,
    agent: agent.info,
    sandbox,
    rules: rulesOf(config),
    version,
    offers: () => ({ ...offers.told, images }),
    images,
    choiceOf: (key) => choices.of(key),
    desk: () => ops.desk,
    now,
    newUuid: randomUUID,
    log,
  });
  const read = readings({ door, supervisor, parking, store });
  metrics.read(read);
  const ops: Ops = wireOps({
    ...{ config, dataDir, version, agent: agent.info, sandbox, supervisor, parking },
    ...{ fanout, readiness, signIns, members, sessions: door.living, readings: read, now, log },
  });
  const login = await wireLogin(config, { ...edge, members, signIns, now, log });
  const site = createSite({
    ...{ ...edge, store, conversations, signIns, shares, door, log, metrics },
    login: login.routes,
    assets: loadAssets(uiDir),
    agent: agent.info,
    sandbox,
    node,
    version,
    origins: () => origins,
    parking: parked,
    limits: allowed.limits,
    today: () => dateIn(config.timeZone, now()),
    readiness,
    images,
    workspaceOf: workspaces((user) => userDirs(settings, user).workspace, config, now),
    complete: async (user, threadId, query) => {
      const { workspace } = userDirs(settings, user);
      const key = threadId === null ? null : conversationKey(user, threadId);
      return completePaths(key === null ? workspace : await choices.directoryOf(key), query);
    },
    diskIsFull: () => isFull(dataDir),
    capsules: ops.capsules,
    inspectorUrl: config.inspectorUrl,
  });
  const server = createHttpServer(site, door, log);
  const control = await listenForControl(
    dataDir,
    controlHandlers({
      ...{ version, door, supervisor, conversations, store, signIns, housekeeper, log },
      usersDir: usersDirOf(settings),
      signInUrl: () => signInUrl(),
    }),
    { inspect: inspectStream(ops.desk) },
  );
  const begun = Promise.withResolvers<void>();
  await parking.resume(begun.promise); // before anybody can park another in their conversations
  const listening = await listen(server, config, standby?.server ?? null);
  port = listening.port;
  origins = allowedOrigins(config, port);
  const { base } = listening;
  const url = `${base}${config.basePath}/`;
  const signInUrl = () => url + login.path();
  logStart(log, agent.info, url);
  // Prompts that were accepted, and whose server went before they began, begin now.
  const adoption = store.cluster && wired.adopt(waiting);
  if (adoption === null) for (const run of waiting) await conversations.prompt(run.key, run);
  begun.resolve();
  wired.onLost(() => endSessions(door));

  const parts = {
    ...{ config, readiness, door, supervisor, parking },
    ...{ housekeeper, store, server, control, log },
    takeNothing: async () => {
      await wired.leave().catch(() => {}); // the lease ends by itself
      await adoption?.stop();
    },
  };
  return {
    port,
    url,
    signInUrl,
    reload,
    stop: () =>
      drain(parts).finally(() => {
        allowed.allowances.close();
        broker?.close();
        return traced.traces.close();
      }),
  };
}
