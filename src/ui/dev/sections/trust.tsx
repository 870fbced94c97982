/** What the page says about itself: who may do what, and what went wrong. */
import CopyDiagnostics from '../../trust/copy-diagnostics.tsx';
import { TrustRules } from '../../trust/trust-rules.tsx';
import { said, WithClient } from '../chat.tsx';
import { begun, failed, LONG_WORD, text, welcome } from '../fixtures.ts';
import { type Section, state } from '../state.tsx';

const usual = {
  permissionMode: 'default',
  tools: null,
  never: [],
  sharesWorkspace: false,
} as const;

export const trust: Section = {
  id: 'trust',
  title: 'Trust',
  states: [
    state('Usual', () => (
      <TrustRules chosen={null} welcome={welcome({ sandbox: 'bwrap', rules: usual })} />
    )),
    state('Strict', () => (
      <TrustRules
        chosen={{ model: 'opus', effort: 'high', repository: null }}
        welcome={welcome({
          rules: {
            permissionMode: 'dontAsk',
            tools: ['Read', 'Grep', 'Glob', 'Bash'],
            never: ['Bash(rm *)', 'WebFetch', `Read(${LONG_WORD})`],
            sharesWorkspace: true,
          },
        })}
      />
    )),
    state('An older server', () => <TrustRules chosen={null} welcome={welcome()} />),
    state('Diagnostics', () => (
      <WithClient>{(client) => <CopyDiagnostics client={client} />}</WithClient>
    )),
    said('Crashed', [
      ...begun('Go on', ...text('What I found so far:')),
      failed(
        'claude.crashed',
        'Claude stopped unexpectedly. What it wrote is kept. Segmentation fault (core dumped)',
      ),
    ]),
    said('A fault of a newer server', [
      ...begun('Go on', ...text('What I found so far:')),
      failed('claude.dreaming', 'It dreams.'),
    ]),
  ],
};
