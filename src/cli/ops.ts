/** Wires what operators look into. */
import { join } from 'node:path';
import { residentBytes } from '../claude/process-memory.ts';
import type { Config } from '../config.ts';
import { InspectorHub } from '../machines/inspection/hub.ts';
import { Recorder } from '../machines/inspection/recorder.ts';
import type { Parking } from '../machines/parking.ts';
import type { ActorRegistry } from '../machines/registry.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import { CapsuleFiles } from '../store/capsule-files.ts';
import type { Log } from '../telemetry/log.ts';
import type { Readings } from '../telemetry/metrics.ts';
import type { Members } from '../transport/auth/members.ts';
import type { SignIns } from '../transport/auth/sign-ins.ts';
import type { Fanout } from '../transport/fanout.ts';
import { perform } from '../transport/ops/acts.ts';
import type { OpsDesk } from '../transport/ops/connection.ts';
import { FiguresFeed } from '../transport/ops/figures.ts';
import { groupOf } from '../transport/ops/group.ts';
import { MemoryWatch } from '../transport/ops/memory-watch.ts';
import { Rates } from '../transport/ops/rates.ts';
import { Roster } from '../transport/ops/roster.ts';
import { rowsOf } from '../transport/ops/rows.ts';
import type { AgentInfo } from '../transport/protocol.ts';
import type { Readiness } from '../transport/readiness.ts';
import type { Session } from '../transport/session.ts';

export interface OpsParts {
  readonly config: Config;
  readonly dataDir: string;
  readonly version: string;
  readonly agent: AgentInfo;
  readonly sandbox: string;
  readonly supervisor: Supervisor;
  readonly parking: Parking;
  readonly fanout: Fanout;
  readonly readiness: Readiness;
  readonly signIns: SignIns;
  readonly members: Pick<Members, 'isOperator'>;
  readonly sessions: ActorRegistry<Session>;
  readonly readings: Readings;
  readonly now: () => number;
  readonly log: Log;
}

export interface Ops {
  readonly desk: OpsDesk;
  readonly capsules: CapsuleFiles;
}

export function wireOps(parts: OpsParts): Ops {
  const { config, version, agent, sandbox, supervisor, parking, readiness } = parts;
  const { sessions, readings, fanout, signIns, members, now, log } = parts;
  const [conversations, parked] = [supervisor.living, parking.living];
  const capsules = new CapsuleFiles(join(parts.dataDir, 'capsules'), config.capsulesMax);
  const keep = (name: string, text: string) => capsules.keep(name, text);
  const recorder = new Recorder({ conversations, keep, version, now, log });
  const memory = new MemoryWatch(residentBytes, now);
  const rates = new Rates(now);
  const read = () =>
    rowsOf({
      ...{ sessions, conversations, parked, fanout, rates },
      memoryOf: (process, pid) => memory.of(process, pid),
      isRecorded: (id) => recorder.isRecorded(id),
    });
  // As the signal that a scheduler sends: one way to go, whoever asks for it.
  const drain = () => process.kill(process.pid, 'SIGTERM');
  const figures = () => ({
    sockets: sessions.size,
    conversations: conversations.size,
    processes: { ...readings.processes(), max: config.maxProcesses },
    runs: readings.runs(),
    unsentBytes: readings.unsentBytes(),
    draining: readiness.isDraining,
    logLevel: log.level,
  });
  const desk: OpsDesk = {
    hub: new InspectorHub({ session: sessions, conversation: conversations, parked }, now),
    roster: new Roster(read),
    figures: new FiguresFeed(figures),
    isOperator: (user) => members.isOperator(user),
    groupOf: (id) => groupOf(id, { sessions, conversations, parked }),
    perform: (act, by) =>
      perform(act, by, { sessions, conversations, signIns, recorder, drain, log }),
    greeting: {
      version,
      agent,
      sandbox,
      inspectorUrl: config.inspectorUrl?.href ?? null,
      capsulesMax: config.capsulesMax,
    },
  };
  return { desk, capsules };
}
