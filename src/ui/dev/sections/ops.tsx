/** The operators' page and its parts. */
import { useState } from 'react';
import type { OpsAct, OpsServerFrame } from '../../../transport/ops/protocol.ts';
import { ActDialog } from '../../ops/act-dialog.tsx';
import { ActorLine } from '../../ops/actor-line.tsx';
import { ActorList } from '../../ops/actor-list.tsx';
import { ActorView } from '../../ops/actor-view.tsx';
import { CapsuleList } from '../../ops/capsules.tsx';
import { FiguresOf } from '../../ops/figures.tsx';
import { OpsHeader } from '../../ops/header.tsx';
import { LineBanner } from '../../ops/line-banner.tsx';
import { Replay } from '../../ops/replay.tsx';
import { ALL } from '../../ops/state.ts';
import { LONG_WORD } from '../fixtures.ts';
import { GREETING, NOW, WithOps } from '../ops.tsx';
import { CAPSULES, eventsOf, figuresAt } from '../ops-fixtures.ts';
import { type Section, type State, state } from '../state.tsx';

const ACTOR = 'conversation:t2';
const FOLLOWED: OpsServerFrame = {
  type: 'followed',
  actor: ACTOR,
  snapshot: { status: 'active', state: 'alive.ready', context: { queue: 0, run: null } },
};
const happened = (count: number, first = 1, dropped = 0): OpsServerFrame => ({
  type: 'events',
  events: eventsOf(count, NOW, 2, first),
  dropped,
});

function actor(name: string, id: string, ...frames: OpsServerFrame[]): State {
  return state(
    name,
    () => (
      <WithOps frames={[...GREETING, ...frames]} follow={id}>
        {(client) => (
          <div className="ops in-gallery">
            <ActorView
              client={client}
              actor={id}
              onBack={() => {}}
              onAct={() => {}}
              onFollow={() => {}}
            />
          </div>
        )}
      </WithOps>
    ),
    'tall',
  );
}

function list(name: string, frames: readonly OpsServerFrame[]): State {
  return state(
    name,
    () => (
      <WithOps frames={frames}>
        {(client) => (
          <div className="ops in-gallery">
            <ActorList client={client} followed={ACTOR} onFollow={() => {}} />
          </div>
        )}
      </WithOps>
    ),
    'tall',
  );
}

function banner(name: string, close: number): State {
  return state(name, () => (
    <WithOps frames={GREETING} close={close}>
      {(client) => (
        <div className="ops in-gallery">
          <LineBanner client={client} />
        </div>
      )}
    </WithOps>
  ));
}

function asks(name: string, act: OpsAct): State {
  return state(name, () => <Asked act={act} />);
}

function Asked({ act }: { act: OpsAct }) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Open
      </button>
      {isOpen && (
        <ActDialog act={act} client={{ act: async () => null }} onResult={close} onClose={close} />
      )}
    </>
  );
}

export const operators: Section = {
  id: 'ops',
  title: 'For operators',
  states: [
    state('Header', () => (
      <WithOps frames={GREETING}>
        {(client) => (
          <div className="ops in-gallery">
            <OpsHeader
              client={client}
              route={{ show: 'capsules' }}
              onGo={() => {}}
              onAct={() => {}}
            />
          </div>
        )}
      </WithOps>
    )),
    banner('Line down', 1006),
    banner('Signed out', 4401),
    banner('No operator', 4403),
    state('Figures', () => (
      <div className="ops in-gallery">
        <FiguresOf figures={Array.from({ length: 120 }, (_, step) => figuresAt(step, NOW))} />
      </div>
    )),
    state('No figures yet', () => (
      <div className="ops in-gallery">
        <FiguresOf figures={[]} />
      </div>
    )),
    list('List', GREETING),
    list('List coming', GREETING.slice(0, 1)),
    list('Nobody there', [...GREETING.slice(0, 1), { type: 'actors', rows: [], last: true }]),
    state('A line with all there is', () => (
      <div className="ops in-gallery">
        <ActorLine
          depth={0}
          age="5 min"
          row={{
            id: LONG_WORD,
            kind: 'session',
            state: 'alive.awaitingApproval',
            user: `user-${LONG_WORD}`,
            since: NOW,
            queue: 3,
            behind: 1_204,
            unsentBytes: 4_000_000,
            tokensPerSecond: 81,
            fault: 'claude.stalled',
            recorded: true,
          }}
        />
      </div>
    )),
    actor('Actor', ACTOR, FOLLOWED, happened(40)),
    actor('Actor with gaps', ACTOR, FOLLOWED, happened(4), happened(9, 30, 25)),
    actor('Actor without events', ACTOR, FOLLOWED),
    actor('Actor that has ended', ACTOR, FOLLOWED, happened(11), {
      type: 'changed',
      rows: [],
      gone: [ACTOR],
    }),
    actor('Process', 'claude:t2', { ...FOLLOWED, actor: 'claude:t2' }),
    actor('All events', ALL, { ...FOLLOWED, actor: null, snapshot: null }, happened(40)),
    state(
      'Replay',
      () => (
        <WithOps frames={GREETING}>
          {(client) => (
            <div className="ops in-gallery">
              <Replay client={client} name={CAPSULES(NOW)[0]?.name ?? ''} onBack={() => {}} />
            </div>
          )}
        </WithOps>
      ),
      'tall',
    ),
    ...(
      [
        ['Capsules', { is: 'there', it: { capsules: CAPSULES(NOW) } }],
        ['No capsules', { is: 'there', it: { capsules: [] } }],
        ['Capsules failed', { is: 'failed', why: 'The server cannot be reached just now.' }],
      ] as const
    ).map(([name, asked]) =>
      state(name, () => (
        <div className="ops in-gallery">
          <CapsuleList
            asked={
              asked.is === 'there'
                ? { is: 'there', it: { capsules: [...asked.it.capsules] } }
                : asked
            }
            isOff={false}
            onReplay={() => {}}
          />
        </div>
      )),
    ),
    asks('Asks before it interrupts', { act: 'interrupt', actor: ACTOR }),
    asks('Asks before it drains', { act: 'drain' }),
    asks('Asks for a level', { act: 'logLevel', level: 'info' }),
  ],
};
