/** The settings about Claude: which program, on whose account, what it may do, and how many. */
import { forgeAddress } from './config-sign-in.ts';
import {
  httpUrl,
  integer,
  list,
  oneOf,
  path,
  Refused,
  secret,
  setting,
  TIMER_MAX_MS,
  text,
} from './settings.ts';
import { existingPath, file } from './settings-files.ts';

/**
 * They change what Greenroom decides: which session a conversation goes on with, and which model and effort
 * are on offer. Names and their aliases.
 */
const COMMANDS_REFUSED = new Set([
  ...['clear', 'reset', 'new', 'resume', 'continue'],
  ...['model', 'effort', 'fast', 'config', 'settings'],
]);

/** `Tool` or `Tool(what)`, the CLI's own form; a comma inside the parentheses belongs to the rule. */
function permissionRules(raw: string): readonly string[] {
  const rules = raw.split(/,(?![^(]*\))/).map((rule) => rule.trim());
  for (const rule of rules) if (!/^[A-Za-z_][\w*-]*(\(.+\))?$/.test(rule)) throw new Refused();
  return rules;
}

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
  claudeModels: list(
    'CHAT_CLAUDE_MODELS',
    'models a user may choose from for a conversation; must hold CHAT_CLAUDE_MODEL where that is set; unset: no choice',
    'model names or aliases such as opus',
    (raw) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,127}$/.test(raw)) throw new Refused();
      return raw;
    },
  ),
  claudeCommands: list(
    'CHAT_CLAUDE_COMMANDS',
    'slash commands of the CLI that users may run, without the slash; a workspace may have its own under such a name; unset: none, all is text',
    `names such as compact, but for ${[...COMMANDS_REFUSED].join(' ')}`,
    (raw) => {
      if (!/^[A-Za-z][A-Za-z0-9_:-]{0,63}$/.test(raw) || COMMANDS_REFUSED.has(raw.toLowerCase()))
        throw new Refused();
      return raw;
    },
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
  claudeDeny: setting<readonly string[] | null>(
    'CHAT_CLAUDE_DENY',
    'what Claude may never do, whatever a user allows',
    'permission rules such as Bash(rm *), separated by commas',
    null,
    null,
    permissionRules,
  ),
  claudeSettingsFile: file(
    'CHAT_CLAUDE_SETTINGS_FILE',
    'settings of the CLI for every conversation (--settings)',
    'JSON',
  ),
  claudeMcpConfigFile: file(
    'CHAT_CLAUDE_MCP_CONFIG_FILE',
    'MCP servers of every conversation; there are no others then (--mcp-config, --strict-mcp-config)',
    'JSON',
  ),
  claudeSystemPromptFile: file(
    'CHAT_CLAUDE_SYSTEM_PROMPT_FILE',
    'what is appended to the CLI’s own system prompt; CHAT_SOUL_MD_PATH is the same',
    'text',
    ['CHAT_SOUL_MD_PATH'],
  ),
  sandbox: oneOf(
    'CHAT_SANDBOX',
    'what keeps Claude’s processes apart from the rest of the machine: bubblewrap, or nothing; auto: bubblewrap where it works',
    ['auto', 'bwrap', 'none'],
    'auto',
  ),
  sandboxBinds: list(
    'CHAT_SANDBOX_BINDS',
    'paths Claude sees in the sandbox besides its own and the system’s, read-only',
    'absolute paths that exist',
    existingPath,
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
  usersDir: path(
    'CHAT_USERS_DIR',
    'where users’ homes, Claude’s configurations and workspaces are; where several servers share a database, on storage that they share, else each server has its own; unset: in the data directory',
    null,
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
  forgeUrl: setting<URL | null>(
    'FORGE_URL',
    'the forge, as this server reaches it: people sign in there where CHAT_OAUTH_CLIENT_ID is set, and conversations may begin on its repositories, each cloned into the workspace of who asks (which needs git)',
    'an http or https URL without user, query or fragment',
    null,
    null,
    forgeAddress,
  ),
  forgeToken: secret(
    'CHAT_FORGE_TOKEN',
    'token that reads repositories of the forge, for every user alike; unset: public ones only',
    8,
  ),
  repositoryBytesMax: integer(
    'CHAT_REPOSITORY_MAX_BYTES',
    'a clone that grows larger is given up',
    'bytes',
    { initial: 1_073_741_824, min: 1_048_576, max: 1_099_511_627_776 },
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
  maxRuns: integer<null>(
    'CHAT_MAX_RUNS',
    'prompts Claude works on at once; who waits does so in turn with other users; at most CHAT_MAX_PROCESSES; unset: as many as that',
    'runs',
    { initial: null, min: 1, max: 1_000 },
  ),
  maxPendingApprovalsPerUser: integer(
    'CHAT_MAX_PENDING_APPROVALS_PER_USER',
    'a process that waits for an approval is kept; when others need its room and a user has more of them than this, the oldest is ended',
    'approvals',
    { initial: 4, min: 0, max: 1_000 },
  ),
  maxMemoryShare: integer(
    'CHAT_MAX_MEMORY_SHARE',
    'while more of the memory of the machine, or of the control group, is used, no process starts but when none is at work, and idle ones are ended; 100: they always start',
    'percent',
    { initial: 90, min: 1, max: 100 },
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
