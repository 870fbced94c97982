/** What the claude actor says on its way out: tokens go straight to the journal and never through a machine. */
import type { ActorRefFrom } from 'xstate';
import type { ClaudeEmitted } from '../claude/facts.ts';
import type { claudeProcess } from '../claude/process.ts';
import type { ContextFill } from '../transport/protocol.ts';
import type { Approvals } from './approvals.ts';
import type { RunRecorder } from './run-recorder.ts';

export interface Listeners {
  readonly approvals: Approvals;
  readonly recorder: RunRecorder;
  readonly titled: (title: string) => void;
  readonly filled: (fill: ContextFill) => void;
  /** Claude says something while no run is open: the first of a turn of its own. */
  readonly spokeUnasked: () => void;
}

export function listenTo(claude: ActorRefFrom<typeof claudeProcess>, to: Listeners): void {
  const { approvals, recorder } = to;
  claude.on('*', (emitted: ClaudeEmitted) => {
    switch (emitted.type) {
      case 'claude.asked':
        return approvals.ask(emitted.requestId, emitted.request);
      case 'claude.words':
        return recorder.words(emitted.words);
      case 'claude.reached':
        return recorder.reached(emitted.uuid);
      case 'claude.titled':
        return to.titled(emitted.title);
      case 'claude.context':
        return to.filled(emitted.fill);
      case 'claude.result':
        return recorder.result(emitted.toolCallId, emitted.text);
      case 'claude.chunks':
        if (!recorder.isOpen) to.spokeUnasked();
        if (!recorder.chunks(emitted.chunks)) claude.send({ type: 'claude.pause' });
    }
  });
}
