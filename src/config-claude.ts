/** The settings about Claude: which program, on whose account, what it may do, and how many. */
import { httpUrl, integer, oneOf, path, secret, setting, TIMER_MAX_MS, text } from './settings.ts';

export const CLAUDE_SETTINGS = {
  claudeBin: text(
    'CHAT_CLAUDE_BIN',
    'the Claude Code CLI; demo: the built-in demo agent; unset: PATH, then the pinned package, then demo when none is signed in',
    'a path or demo',
  ),
  claudeModel: text(
    'CHAT_CLAUDE_MODEL',
    'model every conversation starts with; unset: the CLI’s own default',
    'a model name',
  ),
  claudeTools: text(
    'CHAT_CLAUDE_TOOLS',
    'tools Claude has; none for no tools; unset: the CLI’s own set',
    'tool names separated by commas, or none',
  ),
  permissionMode: oneOf(
    'CHAT_PERMISSION_MODE',
    'what Claude may do without asking',
    ['default', 'acceptEdits', 'plan', 'dontAsk'],
    'default',
  ),
  anthropicApiKey: secret('ANTHROPIC_API_KEY', 'key for the Claude API', 8),
  anthropicAuthToken: secret(
    'ANTHROPIC_AUTH_TOKEN',
    'bearer token for the Claude API or a gateway to it',
    8,
  ),
  claudeOauthToken: secret(
    'CLAUDE_CODE_OAUTH_TOKEN',
    'long-lived token of a Claude subscription',
    8,
  ),
  anthropicBaseUrl: setting<string | null>(
    'ANTHROPIC_BASE_URL',
    'another base URL for the Claude API',
    'an http or https URL',
    null,
    null,
    (raw) => httpUrl(raw) && raw,
  ),
  claudeConfigDir: path(
    'CLAUDE_CONFIG_DIR',
    'Claude configuration shared by all users; unset: one per user in the data directory',
    null,
  ),
  workspaceDir: path(
    'CHAT_WORKSPACE_DIR',
    'workspace shared by all users; unset: one per user in the data directory',
    null,
  ),
  titles: oneOf(
    'CHAT_TITLES',
    'what names a conversation until its user does: its first prompt, or Claude, by one small request',
    ['claude', 'prompt'],
    'claude',
  ),
  maxProcesses: integer(
    'CHAT_MAX_PROCESSES',
    'Claude processes alive at once (about 110 MB each)',
    'processes',
    { initial: 16, min: 1, max: 1_000 },
  ),
  processIdleMs: integer(
    'CHAT_PROCESS_IDLE_MS',
    'an idle Claude process is ended after this long; the conversation stays',
    'milliseconds',
    { initial: 600_000, min: 1_000, max: TIMER_MAX_MS },
  ),
  stallMs: integer(
    'CHAT_STALL_MS',
    'a turn is ended when the API says nothing for this long while it is asked; tools, approvals and pauses before a retry do not count',
    'milliseconds',
    { initial: 120_000, min: 5_000, max: TIMER_MAX_MS },
  ),
};
