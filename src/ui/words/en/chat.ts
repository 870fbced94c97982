export const chat = {
  /** What goes on in a run. */
  waiting: 'Waiting for Claude',
  thinking: 'Thinking',
  writing: 'Writing',
  preparing: (tool: string) => `Preparing ${tool}`,
  running: (tool: string) => `Running ${tool}`,
  compacting: 'Summarising earlier messages',
  asking: 'Waiting for approval',
  subagent: (name: string) => `${name} is at work`,
  subagents: (count: number) => `${count} subagents are at work`,
  aSubagent: 'Subagent',

  /** Of a file that is read in part. */
  linesFrom: (path: string, from: number) => `${path}, lines ${from}`,
  lines: (path: string, from: number, to: number) => `${path}, lines ${from}–${to}`,
  patternIn: (pattern: string, where: string) => `${pattern} in ${where}`,
  denied: 'It was not allowed to run.',
  task: (id: string) => `Task ${id}`,
  underCost: (cost: string) => `under ${cost}`,

  draining: 'The server is about to restart. Running answers go on.',
  expiring:
    'Your sign-in ends soon. What you write stays here, and goes on once you have signed in again.',
  behindParked: 'Another message waits for its limit already.',
};
