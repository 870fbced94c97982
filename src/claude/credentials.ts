/**
 * What a child reaches the Claude API with. A key stays with the server: its children get a token for the broker.
 * A subscription's sign-in has to be in the child's own hands.
 */
import type { ClaudeSettings } from './launch.ts';
import type { ApiUsage } from './usage-meter.ts';

export interface Credentials {
  /** For the child's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the process used so far, as the API counts it; null where nothing counts it. */
  readonly usage: ApiUsage | null;
  /** The process they were for has gone. */
  readonly revoke: () => void;
}

type AccountSettings = Pick<ClaudeSettings, 'claudeOauthToken' | 'anthropicBaseUrl'>;

/** Without a key: the subscription's token, where the sign-in is not in the configuration directory. */
export function subscription(settings: AccountSettings): Credentials {
  const { claudeOauthToken, anthropicBaseUrl } = settings;
  return {
    env: {
      ...(claudeOauthToken === null ? {} : { CLAUDE_CODE_OAUTH_TOKEN: claudeOauthToken }),
      ...(anthropicBaseUrl === null ? {} : { ANTHROPIC_BASE_URL: anthropicBaseUrl }),
    },
    usage: null,
    revoke: () => {},
  };
}
