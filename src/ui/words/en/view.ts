const number = (value: number) => value.toLocaleString('en');

export const view = {
  /** The line that says what goes on. */
  away: 'The connection is gone; the answer goes on without it',
  retrying: (status: number | null, attempt: number, of: number) =>
    `The Claude API is busy${status === null ? '' : ` (${status})`}. Try ${attempt} of ${of}`,
  retryIn: (countdown: string) => `in ${countdown}`,
  retryNow: 'now',
  quiet: (duration: string) => `nothing heard for ${duration}`,
  /** Said aloud once, where the seconds are not. */
  quietNow: 'Nothing has been heard for a while',
  inAll: (duration: string) => `${duration} in all`,
  written: (tokens: string) => `${tokens} tokens written`,

  thoughtsSoFar: 'Thoughts so far',
  thoughts: 'Thoughts',
  thoughtBriefly: 'Thought briefly',
  thoughtFor: (duration: string) => `Thought for ${duration}`,

  /** Under an answer. */
  answerActions: 'This answer',
  copyAnswer: 'Copy answer',
  answerCopied: 'Copied',
  copyNotAllowed: 'The browser does not allow it',
  retry: 'Retry',
  retryTitle: 'Asks again, in a branch of its own. What was said stays where it is.',
  retrySending: 'Asking again…',
  retryFailed: 'That did not work.',

  usage: (input: string, output: string) => `${input} in, ${output} out`,
  inputTokens: 'Input tokens',
  outputTokens: 'Output tokens',
  cacheRead: 'Read from cache',
  cacheWritten: 'Written to cache',
  cost: 'Estimated cost',
  context: (used: string, max: string) => `Context: ${used} of ${max} tokens`,

  tool: {
    writing: 'preparing',
    running: 'running',
    asking: 'asks you',
    done: 'done',
    failed: 'failed',
    ended: 'no result',
    denied: 'denied',
  },
  input: 'Input',
  result: 'Result',
  noResult: '(empty)',
  comparing: 'Comparing…',

  lane: { running: 'working', done: 'done', failed: 'failed' },
  tools: (count: number) => (count === 1 ? '1 tool' : `${number(count)} tools`),
  laneSilent: 'Nothing was told of it yet.',
  laneReport: 'What it reported',

  todoLabel: 'Claude’s to-do list',
  todoTitle: 'To do',
  todoDone: (done: number, of: number) => `${number(done)} of ${number(of)} done`,
  todo: { pending: 'to do', in_progress: 'in progress', completed: 'done' },

  /** Said aloud when a run ends. */
  saidAsking: 'Claude asks for your approval.',
  saidStopped: 'Stopped.',
  saidSpent: (receipt: string) => `Stopped: today’s tokens are used up. ${receipt}`,
  saidFailed: (why: string) => `The answer failed: ${why}`,
  saidAnswer: (text: string) => `Claude answered: ${text}`,

  aboutAgent: 'About the agent',
  demoAgent: 'This is a demo agent: a script answers here, not Claude.',

  emptyTitle: 'What shall we work on?',
  emptyIntro:
    'Claude Code works in your workspace: it reads and writes files and runs commands, and asks before it does anything that needs your approval.',
  examples: [
    'What does this project do, and how is it laid out?',
    'Find one bug worth fixing and show me the fix.',
    'Write a small script that renames my photos by date.',
  ],
  /** The repository’s name stands behind the first part and before the second. */
  inClone: ['Claude works in a clone of ', '.'],
  startOn: 'Start on a repository',
  ownerName: 'owner/name',
  clone: 'Clone',
  cloning: 'Cloning…',
  cloningOf: (name: string) => `Cloning ${name}`,

  conversations: 'Conversations',
  chat: 'Chat',
  newChat: 'New chat',
  files: 'Files',

  dismiss: 'Dismiss',
};
