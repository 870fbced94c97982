import { not } from 'xstate';
import { conversationSetup } from './conversation.setup.ts';

export const conversationMachine = conversationSetup.createMachine({
  id: 'conversation',
  initial: 'dormant',
  context: ({ input }) => ({
    ...input,
    queue: [],
    slot: 'none',
    run: null,
    blockedRun: null,
    asking: [],
    fault: null,
    outdated: false,
    pid: null,
    crashes: [],
    draining: false,
    leaving: false,
    deltas: 0,
  }),
  always: { guard: 'slotIsSpare', actions: 'releaseSlot' },
  on: { 'slot.granted': { guard: 'waitsForSlot', actions: 'noteSlot' } },
  exit: 'releaseSlot',
  states: {
    dormant: {
      description: 'No process, and no prompt.',
      always: [
        { guard: 'isLeaving', target: 'stopped' },
        { guard: 'crashedTooOften', target: 'suspended' },
        { guard: 'promptWaits', target: 'queued' },
      ],
      after: { dormancy: 'stopped' },
      on: {
        'user.prompt': { target: 'queued', actions: 'queuePrompt' },
        'user.warm': 'alive',
        'journal.failed': 'stopped',
        'conversation.drain': 'stopped',
        'conversation.stop': 'stopped',
      },
    },
    queued: {
      description: 'No process. A prompt waits for its turn on the machine, and then starts one.',
      always: [
        { guard: 'mayRun', target: 'alive' },
        { guard: not('promptWaits'), target: 'dormant' },
        { guard: 'needsSlot', actions: 'wantSlot' },
      ],
      on: {
        'user.prompt': { actions: 'queuePrompt' },
        'user.warm': 'alive',
        'user.abort': { guard: 'namesQueued', actions: 'dropQueued' },
        'user.hurry': { guard: 'namesQueued', actions: 'hurryQueued' },
        'journal.failed': 'stopped',
        'conversation.drain': 'stopped',
        'conversation.stop': 'stopped',
      },
    },
    suspended: {
      description:
        'The process crashed too often: for a while none is started, and prompts fail at once.',
      exit: 'forgiveCrash',
      always: { guard: 'promptWaits', actions: 'failWaiting' },
      after: { crashPause: 'dormant' },
      on: {
        'user.prompt': { actions: 'queuePrompt' },
        'journal.failed': 'stopped',
        'conversation.drain': 'stopped',
        'conversation.stop': 'stopped',
      },
    },
    alive: {
      description: 'A claude actor exists. Only its exit leaves this state.',
      entry: 'beginAnew',
      exit: 'forgetPid',
      invoke: { id: 'claude', src: 'claude', input: ({ context }) => context.ports.claude },
      on: {
        'user.prompt': { actions: 'queuePrompt' },
        'user.abort': { guard: 'namesQueued', actions: 'dropQueued' },
        'user.hurry': { guard: 'namesQueued', actions: 'hurryQueued' },
        'user.chose': { actions: 'outdate' },
        'claude.progress': { actions: ['countDeltas', 'spend'] },
        'claude.blocked': { actions: 'noteRequest' },
        'claude.unblocked': { actions: 'forgetRequest' },
        'claude.turnEnded': { actions: ['countDeltas', 'endRun'] },
        'claude.exited': [
          {
            guard: 'startWasOverdue',
            target: 'dormant',
            actions: ['countCrash', 'failFirstPrompt'],
          },
          { target: 'dormant', actions: ['countCrash', 'endRun'] },
        ],
        'journal.failed': { target: '.stopping', actions: 'blameStore' },
        'conversation.drain': { actions: 'drain' },
        'conversation.stop': { target: '.stopping', actions: 'leave' },
      },
      initial: 'admitted',
      states: {
        admitted: {
          description: 'Waits for room to start the process.',
          always: [
            { guard: 'isDraining', target: 'stopping' },
            { guard: 'needsSlot', actions: 'wantSlot' },
          ],
          on: {
            'user.chose': {}, // it will be started so
            'claude.spawned': { target: 'starting', actions: ['notePid', 'listen'] },
            'claude.exited': {
              guard: 'startFailed',
              target: '#conversation.dormant',
              actions: ['countCrash', 'failFirstPrompt'],
            },
          },
        },
        starting: {
          description: 'The process exists and has not answered yet.',
          always: [
            { guard: 'isDraining', target: 'stopping' },
            { guard: 'needsSlot', actions: 'wantSlot' },
          ],
          after: { startTimeout: { target: 'stopping', actions: 'blameLateStart' } },
          on: {
            'claude.ready': 'ready',
            'claude.exited': {
              guard: 'startFailed',
              target: '#conversation.dormant',
              actions: ['countCrash', 'failFirstPrompt'],
            },
          },
        },
        ready: {
          description: 'The process waits for a prompt.',
          always: [
            { guard: 'isDraining', target: 'stopping' },
            { guard: 'isOutdated', target: 'stopping' },
            { guard: 'mayRun', target: 'running', actions: 'startPromptedRun' },
            { guard: 'roomIsWanted', target: 'stopping' },
            { guard: 'needsSlot', actions: 'wantSlot' },
          ],
          after: { processIdle: 'stopping' },
          on: {
            'claude.turnStarted': { target: 'running', actions: 'startOwnRun' },
            'claude.spoke': { target: 'delegating', actions: 'startOwnRun' },
            'process.evict': 'stopping',
          },
        },
        delegating: {
          description: 'Between turns; subagents are at work. A prompt need not wait for them.',
          always: [
            { guard: 'mayRun', target: 'running', actions: ['endRun', 'startPromptedRun'] },
            { guard: 'needsSlot', actions: 'wantSlot' },
          ],
          on: {
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'claude.turnStarted': { target: 'running', actions: 'startOwnRun' },
            'claude.blocked': {
              target: 'awaitingApproval',
              actions: ['startOwnRun', 'noteRequest', 'endRunBlocked'],
            },
            'claude.quiet': { target: 'ready', actions: 'endRun' },
            'budget.spent': { guard: 'namesRun', target: 'interrupting', actions: 'blameBudget' },
            'user.abort': [
              { guard: 'namesRun', target: 'interrupting' },
              { guard: 'namesQueued', actions: 'dropQueued' },
            ],
          },
        },
        running: {
          description: 'Claude works on the run.',
          on: {
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'claude.blocked': {
              target: 'awaitingApproval',
              actions: ['noteRequest', 'endRunBlocked'],
            },
            'claude.turnEnded': [
              { guard: 'delegates', target: 'delegating', actions: ['countDeltas', 'endRun'] },
              { target: 'ready', actions: ['countDeltas', 'endRun'] },
            ],
            'claude.quiet': { target: 'ready', actions: 'endRun' },
            'claude.stalled': { target: 'interrupting', actions: 'blameStall' },
            'budget.spent': { guard: 'namesRun', target: 'interrupting', actions: 'blameBudget' },
            'user.abort': [
              { guard: 'namesRun', target: 'interrupting' },
              { guard: 'namesQueued', actions: 'dropQueued' },
            ],
            'user.hurry': { guard: 'namesQueued', target: 'interrupting', actions: 'hurryQueued' },
          },
        },
        awaitingApproval: {
          description:
            'Claude waits for leave to use a tool. No timer ends this, and no slot is held.',
          entry: 'releaseSlot',
          on: {
            'process.reclaim': { target: 'stopping', actions: 'blameQuestions' },
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'user.answer': { target: 'answering', actions: 'startAnsweringRun' },
            'user.prompt': { target: 'answering', actions: 'startAnsweringRun' },
            'claude.blocked': { actions: ['startOwnRun', 'noteRequest', 'endRunBlocked'] },
            'claude.unblocked': { target: 'answering', actions: 'forgetRequest' },
            'claude.turnEnded': [
              {
                guard: 'subagentAsks',
                actions: ['countDeltas', 'startOwnRun', 'endRunBlocked'],
              },
              { target: 'ready', actions: ['countDeltas', 'endRun'] },
            ],
            'user.abort': [
              { guard: 'namesAskingRun', target: 'interrupting' },
              { guard: 'namesQueued', actions: 'dropQueued' },
            ],
            'user.hurry': { guard: 'namesQueued', target: 'interrupting', actions: 'hurryQueued' },
          },
        },
        answering: {
          description: 'An answer was given; others may still be open.',
          always: [
            { guard: ({ context }) => context.asking.length === 0, target: 'running' },
            { target: 'awaitingApproval', actions: 'endRunBlocked' },
          ],
        },
        interrupting: {
          description: 'The turn was told to stop and has not said how it ended.',
          entry: 'interrupt',
          after: { interruptTimeout: 'stopping' },
          on: {
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'claude.turnEnded': [
              {
                guard: 'delegates',
                target: 'delegating',
                actions: ['countDeltas', 'endRun', 'clearFault'],
              },
              { target: 'ready', actions: ['countDeltas', 'endRun', 'clearFault'] },
            ],
            'claude.quiet': { target: 'ready', actions: ['cancelRun', 'clearFault'] },
          },
        },
        stopping: {
          description: 'The process is being ended, bounded at each step.',
          entry: 'stop',
        },
      },
    },
    stopped: { type: 'final' },
  },
});
