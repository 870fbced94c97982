import type { AgentRules } from '../../../transport/protocol.ts';

export const trust = {
  open: 'Who may do what',
  unknown: 'The server has not said it yet. Look again when the connection is live.',
  who: 'Who answers',
  claude: (version: string | null) => (version === null ? 'Claude Code' : `Claude Code ${version}`),
  demo: 'The built-in demo agent, not Claude',
  model: 'Model',
  ownModel: 'the program’s own default',
  effort: (level: string) => `effort ${level}`,
  mode: 'Without asking',
  modes: {
    default:
      'Claude reads in the workspace. Before it changes a file or runs a command, it asks you.',
    acceptEdits:
      'Claude reads and changes files in the workspace. Before it runs any other command, it asks you.',
    plan: 'Claude only reads and makes plans. It changes nothing.',
    dontAsk: 'Claude does what was allowed beforehand. All else is refused, and you are not asked.',
  } satisfies Record<AgentRules['permissionMode'], string>,
  tools: 'Tools',
  allTools: 'All that Claude Code brings',
  noTools: 'None: Claude can only write',
  never: 'Never, whatever you allow',
  nothing: 'Nothing is ruled out beforehand',
  sandbox: 'Kept apart',
  sandboxes: {
    bwrap:
      'What Claude runs sees the workspace, its own settings and the system’s programs, not the rest of the machine. It can reach the network.',
    none: 'There is no sandbox: what Claude runs has the rights of the server itself, on all its files and the network.',
  },
  files: 'Files',
  ownFiles: 'Your own workspace. Other users’ conversations have theirs.',
  sharedFiles: 'One workspace for all users of this server: what Claude changes here, they see.',
  readers: 'Who reads along',
  readersWords:
    'You, in every browser where you are signed in, whoever you give a link to, and whoever runs this server.',
  share: 'Links to this conversation…',
  untitled: 'This conversation',
  you: 'You',
  operator: (user: string) => `${user}, an operator of this server`,
  close: 'Close',
  copy: 'Copy diagnostics',
  copied: 'Diagnostics copied',
  copyHint: 'States, times and fault codes for who helps you: no words of yours, no names.',
  copyHere: 'The browser does not let this page copy. Here it is:',
};
