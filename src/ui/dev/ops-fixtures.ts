/** A server's actors, as operators see them, for the gallery and tests. */
import type {
  ActorEvent,
  ActorRow,
  CapsuleSteps,
  CapsuleView,
  Chart,
  Figures,
} from '../../transport/ops/protocol.ts';

const STATES = ['dormant', 'alive.ready', 'alive.running', 'alive.awaitingApproval'] as const;
const USERS = ['ada', 'grace', 'barbara', 'edsger', 'donald', 'a-user-with-quite-a-long-name'];

/** So many actors: families of a conversation, its process and two sessions, and now and then a parked prompt. */
export function rowsOf(count: number, now: number): ActorRow[] {
  const rows: ActorRow[] = [];
  for (let family = 0; rows.length < count; family += 1) {
    const user = USERS[family % USERS.length] ?? null;
    const id = `conversation:t${family}`;
    const state = STATES[family % STATES.length] ?? 'dormant';
    const isRunning = state === 'alive.running';
    const since = now - family * 7_000 - 4_000;
    rows.push({
      id,
      kind: 'conversation',
      state,
      user,
      since,
      ...(isRunning && { run: `run-${family}`, tokensPerSecond: 40 + (family % 30) }),
      ...(family % 9 === 4 && { queue: 2, fault: 'claude.stalled' as const }),
    });
    if (state !== 'dormant')
      rows.push({
        id: `claude:t${family}`,
        kind: 'claude',
        state: '',
        user,
        since: since + 900,
        of: id,
        pid: 4_000 + family,
        residentBytes: (180 + (family % 40)) * 1024 ** 2,
      });
    rows.push(
      {
        id: `session:s${family}a`,
        kind: 'session',
        state: isRunning ? 'streaming' : 'idle',
        user,
        since: since + 2_000,
        of: id,
        ...(family % 12 === 2 && { behind: 312, unsentBytes: 48_000 }),
      },
      { id: `session:s${family}b`, kind: 'session', state: 'idle', user, since, recorded: true },
    );
    if (family % 10 === 7)
      rows.push({ id: `parked:r${family}`, kind: 'parked', state: 'waiting', user, since, of: id });
  }
  return rows.slice(0, count);
}

/** @param step From 0; later ones are later. */
export function figuresAt(step: number, now: number): Figures {
  const wave = Math.sin(step / 9) + Math.sin(step / 4) / 2;
  return {
    at: now + step * 1000,
    sockets: 420 + Math.round(wave * 20),
    conversations: 212,
    processes: { alive: 5 + Math.round(wave), starting: 1, waiting: 0, max: 8 },
    runs: { running: 3 + Math.round(wave), queued: 1, parked: 2 },
    unsentBytes: Math.max(0, Math.round(wave * 40_000)),
    residentBytes: 148_000_000 + Math.round(wave * 4_000_000),
    heapBytes: 61_000_000,
    loopDelayMs: 2.4 + Math.max(0, wave),
    cpu: 0.18 + wave / 12,
    draining: false,
    logLevel: 'info',
  };
}

const TURN: readonly [
  kind: ActorEvent['kind'],
  from: ActorEvent['from'],
  type: string,
  state: string,
][] = [
  ['session', 'edge', 'client.prompted', 'idle'],
  ['conversation', 'session', 'user.prompt', 'alive.running'],
  ['session', 'conversation', 'run.began', 'streaming'],
  ['conversation', 'claude', 'claude.blocked', 'alive.awaitingApproval'],
  ['conversation', 'edge', 'user.answered', 'alive.answering'],
  ['conversation', 'claude', 'claude.unblocked', 'alive.running'],
  ['conversation', 'limits', 'limits.counted', 'alive.running'],
  ['conversation', 'claude', 'claude.turnEnded', 'alive.ready'],
  ['session', 'conversation', 'run.ended', 'idle'],
  ['conversation', 'timer', 'xstate.after.idleTimeout', 'alive.stopping'],
  ['conversation', 'claude', 'claude.exited', 'dormant'],
  ['conversation', 'session', 'session.warmed', 'alive.ready'],
];

/** What happens in a family, turn after turn. @param first `n` of the first. */
export function eventsOf(count: number, now: number, family = 2, first = 1): ActorEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const [kind, from, type, state] =
      TURN[index % TURN.length] ?? (TURN[0] as (typeof TURN)[number]);
    const before = TURN.slice(0, index % TURN.length).findLast(([of]) => of === kind)?.[3];
    const run = `run-${family + Math.floor(index / TURN.length)}`;
    return {
      n: first + index,
      at: now + index * 137,
      actor: kind === 'session' ? `session:s${family}a` : `conversation:t${family}`,
      kind,
      from,
      event: { type, run, ...(type === 'claude.exited' && { code: 0, signal: null }) },
      state,
      moved: before !== state,
      context: kind === 'session' ? { cursor: index } : { run, queue: index % 3, restarts: 0 },
    };
  });
}

const NAMES = [
  'dormant',
  'queued',
  'suspended',
  'stopped',
  'alive.admitted',
  'alive.starting',
  'alive.ready',
  'alive.running',
  'alive.awaitingApproval',
  'alive.answering',
  'alive.interrupting',
  'alive.stopping',
];
const EDGES = [
  ['dormant', 'queued'],
  ['queued', 'alive'],
  ['dormant', 'suspended'],
  ['dormant', 'stopped'],
  ['alive.admitted', 'alive.starting'],
  ['alive.starting', 'alive.ready'],
  ['alive.ready', 'alive.running'],
  ['alive.ready', 'alive.stopping'],
  ['alive.running', 'alive.ready'],
  ['alive.running', 'alive.awaitingApproval'],
  ['alive.awaitingApproval', 'alive.answering'],
  ['alive.answering', 'alive.running'],
  ['alive', 'dormant'],
];

/** Drawn with a ruler: each state a box, `alive` around those in it. */
export const CHARTS: Chart[] = [
  { kind: 'conversation', machine: 'c1', svg: drawing(NAMES, EDGES) },
  {
    kind: 'session',
    machine: 's1',
    svg: drawing(
      ['authenticating', 'idle', 'streaming', 'throttled', 'closed'],
      [
        ['authenticating', 'idle'],
        ['idle', 'streaming'],
        ['streaming', 'idle'],
        ['streaming', 'throttled'],
        ['idle', 'closed'],
      ],
    ),
  },
];

function drawing(names: readonly string[], edges: readonly (readonly string[])[]): string {
  const place = (name: string) => {
    const inner = names.filter((it) => it.includes('.') === name.includes('.'));
    const at = Math.max(0, inner.indexOf(name));
    const columns = 4;
    return {
      x: 30 + (at % columns) * 170,
      y: (name.startsWith('alive') ? 110 : 20) + Math.floor(at / columns) * 70,
    };
  };
  const around = names.some((name) => name.startsWith('alive'))
    ? '<g id="state:alive"><rect x="16" y="88" width="680" height="150" rx="10" fill="white" stroke="black"/><text x="28" y="104" font-size="12">alive</text></g>'
    : '';
  const lines = edges.map(([from = '', to = '']) => {
    const [a, b] = [place(from), place(to)];
    return `<g id="edge:${from}:${to}"><path fill="none" stroke="black" d="M${a.x + 60} ${a.y + 18}L${b.x + 60} ${b.y + 18}"/></g>`;
  });
  const boxes = names.map((name) => {
    const { x, y } = place(name);
    const short = name.split('.').at(-1);
    return `<g id="state:${name}"><rect x="${x}" y="${y}" width="120" height="36" rx="8" fill="white" stroke="black"/><text x="${x + 60}" y="${y + 22}" text-anchor="middle" font-size="12">${short}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 712 250">${around}${lines.join('')}${boxes.join('')}</svg>`;
}

export const CAPSULES = (now: number): CapsuleView[] => [
  {
    name: 'conversation-t2-20261126.jsonl',
    kind: 'conversation',
    actor: 'conversation:t2',
    at: now - 3_600_000,
    why: 'claude.stalled',
    events: 12,
    bytes: 8_412,
  },
  {
    name: 'session-s2b-20261126.jsonl',
    kind: 'session',
    actor: 'session:s2b',
    at: now - 60_000,
    why: 'operator',
    events: 3,
    bytes: 912,
  },
];

export function stepsOf(capsule: CapsuleView, now: number): CapsuleSteps {
  const events = eventsOf(40, now).filter(({ kind }) => kind === capsule.kind);
  return {
    capsule,
    sameMachine: capsule.kind === 'session',
    identical: capsule.kind !== 'session',
    steps: [
      { at: now, from: 'server', event: { type: 'begin' }, snapshot: standing('dormant', {}) },
      ...events.map(({ at, from, event, state, context }) => ({
        at,
        from,
        event,
        snapshot: standing(state, context),
      })),
    ],
  };
}

function standing(state: string, context: { [name: string]: unknown }) {
  return { status: 'active', state, context };
}
