import type { ServerFrame } from '../../src/transport/protocol.ts';

type Welcome = Extract<ServerFrame, { type: 'welcome' }>;

/** What a server says first to who comes to `thread-1`. */
export function welcomeFrame(change: Partial<Welcome> = {}): Welcome {
  const limit = { used: 1, max: 60, resetAt: null };
  return {
    type: 'welcome',
    protocol: 1,
    version: '0.1.0',
    user: 'local',
    operator: true,
    threadId: 'thread-1',
    head: null,
    limits: { hour: limit, day: limit, tokens: limit, runs: limit },
    agent: { kind: 'claude', model: 'opus', version: '2.1.330', notice: null },
    now: Date.now(),
    sandbox: 'none',
    maxPromptBytes: 32_768,
    offers: { models: [], commands: [], images: null, repositories: false },
    ...change,
  };
}
