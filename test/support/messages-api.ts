/** A loopback stand-in for the Claude API, so that the real CLI can be driven without an account. */
import { LLMock } from '@copilotkit/aimock';

export interface MessagesApi {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly mock: LLMock;
  /** What a prompt that contains `words` is answered with. */
  answer(words: string, text: string): void;
  stop(): Promise<void>;
}

/** @param pace `latency`: ms between chunks of `chunkSize` characters. */
export async function startMessagesApi(pace = { latency: 5, chunkSize: 8 }): Promise<MessagesApi> {
  const mock = new LLMock({ port: 0, ...pace });
  await mock.start();
  return {
    url: mock.url,
    mock,
    answer: (words, text) => mock.on({ userMessage: new RegExp(words) }, { content: text }),
    stop: () => mock.stop(),
  };
}

/** Settings that make a server run the pinned CLI against it, and nothing else. */
export function realCliSettings(api: Pick<MessagesApi, 'url'>): Record<string, string> {
  return {
    CHAT_CLAUDE_BIN: new URL(
      '../../node_modules/@anthropic-ai/claude-code/bin/claude.exe',
      import.meta.url,
    ).pathname,
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: 'test-key-for-loopback',
    CHAT_TITLES: 'prompt', // a request of its own, which few tests are about
  };
}
