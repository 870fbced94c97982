/** What the palette lists for a query: an ordered picture, made of what is known here and what the server found. */
import type { MatchView, SnippetPart } from '../../transport/views.ts';
import type { Found } from '../history/conversation-list.ts';
import type { SearchView } from '../history/search.ts';
import type { CommandGroup, Offer } from './commands.ts';
import { type Ranked, rank } from './rank.ts';

/** More are a list to be read, which the sidebar is for. */
const RECENT_MAX = 5;
const TITLES_MAX = 8;
const MATCHES_MAX = 12;

export type Option = { readonly id: string; readonly parts: readonly SnippetPart[] } & (
  | { readonly kind: 'conversation'; readonly conversation: Found }
  | { readonly kind: 'match'; readonly conversation: Found; readonly match: MatchView }
  | { readonly kind: 'command'; readonly offer: Offer }
);

export interface Group {
  readonly id: 'recent' | 'conversations' | 'commands' | 'said' | CommandGroup;
  readonly options: readonly Option[];
}

export interface Sources {
  readonly query: string;
  /** In any order. */
  readonly conversations: readonly Found[];
  /** The one on screen: nobody looks for where they are. */
  readonly currentId: string | null;
  readonly offers: readonly Offer[];
  readonly search: SearchView;
}

/** Groups that are not empty. What the server found is last: it comes late, and must not move what is chosen. */
export function optionsFor(sources: Sources): Group[] {
  const { query, currentId, offers, search } = sources;
  const recent = sources.conversations.toSorted((a, b) => b.updatedAt - a.updatedAt);
  if (query.trim() === '') {
    const others = recent.filter(({ threadId }) => threadId !== currentId).slice(0, RECENT_MAX);
    return present([
      { id: 'recent', options: rank('', others, titleOf).map(conversationOption) },
      ...byGroup(rank('', offers, wordsOf).map(commandOption)),
    ]);
  }
  const titles = rank(query, recent, titleOf).slice(0, TITLES_MAX);
  const commands = rank(query, offers, wordsOf);
  const local: Group[] = [
    { id: 'conversations', options: titles.map(conversationOption) },
    { id: 'commands', options: commands.map(commandOption) },
  ];
  if (bestOf(commands) > bestOf(titles)) local.reverse();
  const shown = new Set(titles.map(({ item }) => item.threadId));
  return present([...local, { id: 'said', options: matchesIn(search, shown) }]);
}

function titleOf({ title }: Found): string {
  return title;
}

function wordsOf({ words }: Offer): string {
  return words;
}

function bestOf(ranked: readonly Ranked<unknown>[]): number {
  return ranked[0]?.score ?? 0;
}

function conversationOption({ item, parts }: Ranked<Found>): Option {
  return { id: `c-${item.threadId}`, kind: 'conversation', conversation: item, parts };
}

function commandOption({ item, parts }: Ranked<Offer>): Option {
  return { id: `x-${item.key}`, kind: 'command', offer: item, parts };
}

/** A conversation whose title alone fits is one that is not known here yet, or is shown already. */
function matchesIn({ found }: SearchView, shown: ReadonlySet<string>): Option[] {
  const options = found.flatMap((conversation): Option[] => {
    const { threadId, title, matches = [] } = conversation;
    if (matches.length === 0 && !shown.has(threadId))
      return [conversationOption({ item: conversation, score: 0, parts: whole(title) })];
    return matches.map((match) => ({
      id: `m-${threadId}-${match.messageId}`,
      kind: 'match',
      conversation,
      match,
      parts: match.snippet,
    }));
  });
  return options.slice(0, MATCHES_MAX);
}

function whole(text: string): SnippetPart[] {
  return [{ text, hit: false }];
}

function byGroup(options: readonly Option[]): Group[] {
  const groups: { id: CommandGroup; options: Option[] }[] = [];
  for (const option of options) {
    if (option.kind !== 'command') continue;
    const { group } = option.offer;
    const last = groups.at(-1);
    if (last?.id === group) last.options.push(option);
    else groups.push({ id: group, options: [option] });
  }
  return groups;
}

function present(groups: readonly Group[]): Group[] {
  return groups.filter(({ options }) => options.length > 0);
}
