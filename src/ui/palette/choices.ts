/** What commands may be chosen with: models, formats, languages. */
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { exportUrl } from '../history/api.ts';
import { chooseLanguage, chosenLanguage } from '../words/language-choice.ts';
import { LANGUAGES, type Language, language, words } from '../words/words.ts';
import type { Choice } from './commands.ts';

/** Which model answers in the conversation on screen; the operator's default comes first. */
export function modelChoices(client: ChatClient, { welcome, chosen }: ChatView): Choice[] {
  const models = welcome?.offers.models ?? [];
  const standard = welcome?.agent.model ?? null;
  const now = chosen?.model ?? null;
  const standardName = models.find(({ id }) => id === standard)?.name ?? standard;
  const choice = (id: string | null, name: string): Choice => ({
    key: `-${id ?? ''}`,
    words: words.palette.model(name),
    isCurrent: id === now,
    run: () => client.choose({ model: id, effort: null }),
  });
  return [
    choice(null, standardName ?? words.compose.defaultModel),
    ...models.filter(({ id }) => id !== standard).map(({ id, name }) => choice(id, name)),
  ];
}

/** How long that model may think; none where it does not let itself be told. */
export function effortChoices(client: ChatClient, { welcome, chosen }: ChatView): Choice[] {
  const model = chosen?.model ?? welcome?.agent.model ?? null;
  const efforts = welcome?.offers.models.find(({ id }) => id === model)?.efforts ?? [];
  if (efforts.length === 0) return [];
  const now = chosen?.effort ?? null;
  return [null, ...efforts].map((effort) => ({
    key: `-${effort ?? ''}`,
    words: words.palette.effort(effort ?? words.palette.defaultEffort),
    isCurrent: effort === now,
    run: () => client.choose({ effort }),
  }));
}

export function exportChoices(threadId: string): Choice[] {
  return (['md', 'json'] as const).map((format) => ({
    key: `-${format}`,
    words: words.palette.exportAs({ md: 'Markdown', json: 'JSON' }[format]),
    isCurrent: false,
    run: () => download(exportUrl(threadId, format)),
  }));
}

export function languageChoices(): Choice[] {
  const choice = (tag: Language | null, name: string): Choice => ({
    key: `-${tag ?? 'browser'}`,
    words: words.palette.language(name),
    isCurrent: tag === language,
    run: () => void chooseLanguage(tag),
  });
  const tags = Object.keys(LANGUAGES) as Language[];
  return [
    ...tags.map((tag) => choice(tag, LANGUAGES[tag])),
    ...(chosenLanguage() === null ? [] : [choice(null, words.palette.browserLanguage)]),
  ];
}

function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
