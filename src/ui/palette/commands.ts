/** What can be done from the palette: one table, and what of it can be done now. */
import type { ConversationView } from '../../transport/views.ts';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { liveRun } from '../chat/thread.ts';
import type { ConversationList } from '../history/conversation-list.ts';
import { askToShare } from '../share/share-request.ts';
import type { ShortcutId } from '../shortcuts.ts';
import { words } from '../words/words.ts';
import { effortChoices, exportChoices, languageChoices, modelChoices } from './choices.ts';
import { copyLink } from './copy-link.ts';

/** What the page around the palette can do. */
export interface PageActs {
  readonly newChat: () => void;
  readonly filesOpen: boolean;
  readonly toggleFiles: () => void;
  /** Null: nobody is signed in, as far as is known. */
  readonly signOut: (() => void) | null;
  readonly showTrust: () => void;
  readonly showHelp: () => void;
}

/** What commands go by. */
export interface Situation {
  readonly client: ChatClient;
  readonly view: ChatView;
  /** The server can be asked. */
  readonly isLive: boolean;
  /** The conversation on screen, if it is one that is kept. */
  readonly conversation: ConversationView | null;
  readonly list: Pick<ConversationList, 'pin'> | null;
  readonly remove: (threadId: string) => void;
  readonly page: PageActs;
  /** Asks for another title. */
  readonly askTitle: () => void;
}

export type CommandGroup = 'conversation' | 'claude' | 'page';

/** One thing of several that a command may do it with. */
export interface Choice {
  readonly key: string;
  readonly words: string;
  readonly isCurrent: boolean;
  readonly run: () => void;
}

interface Row {
  readonly id: string;
  readonly group: CommandGroup;
  readonly when: (now: Situation) => boolean;
  readonly shortcut?: ShortcutId;
}
type Command = Row &
  (
    | { readonly words: (now: Situation) => string; readonly run: (now: Situation) => void }
    | { readonly choices: (now: Situation) => readonly Choice[] }
  );

/** Its conversation is kept, and the server there to change it. */
const isChangeable = ({ isLive, conversation, list }: Situation) =>
  isLive && conversation !== null && list !== null;
const isKept = ({ isLive, conversation }: Situation) => isLive && conversation !== null;

const COMMANDS: readonly Command[] = [
  {
    id: 'stop',
    group: 'claude',
    shortcut: 'stop',
    when: ({ view }) => liveRun(view.runs) !== null,
    words: () => words.palette.stop,
    run: ({ client }) => client.stop(),
  },
  {
    id: 'new',
    group: 'page',
    when: () => true,
    words: () => words.palette.newChat,
    run: ({ page }) => page.newChat(),
  },
  {
    id: 'rename',
    group: 'conversation',
    when: isChangeable,
    words: () => words.palette.rename,
    run: ({ askTitle }) => askTitle(),
  },
  {
    id: 'pin',
    group: 'conversation',
    when: isChangeable,
    words: ({ conversation }) => (conversation?.pinned ? words.palette.unpin : words.palette.pin),
    run: ({ list, conversation: it }) => it && void list?.pin(it.threadId, !it.pinned),
  },
  {
    id: 'copyLink',
    group: 'conversation',
    when: ({ conversation }) => conversation !== null,
    words: () => words.palette.copyLink,
    run: ({ client, conversation: it }) => it && void copyLink(client.store, it.threadId),
  },
  {
    id: 'share',
    group: 'conversation',
    when: isKept,
    words: () => words.palette.share,
    run: ({ conversation: it }) => it && askToShare({ threadId: it.threadId, title: it.title }),
  },
  {
    id: 'export',
    group: 'conversation',
    when: isKept,
    choices: ({ conversation: it }) => (it ? exportChoices(it.threadId) : []),
  },
  {
    id: 'remove',
    group: 'conversation',
    when: isChangeable,
    words: () => words.palette.remove,
    run: ({ remove, conversation: it }) => it && remove(it.threadId),
  },
  {
    id: 'model',
    group: 'claude',
    when: ({ view }) => (view.welcome?.offers.models.length ?? 0) > 0,
    choices: ({ client, view }) => modelChoices(client, view),
  },
  {
    id: 'effort',
    group: 'claude',
    when: ({ view }) => (view.welcome?.offers.models.length ?? 0) > 0,
    choices: ({ client, view }) => effortChoices(client, view),
  },
  {
    id: 'files',
    group: 'page',
    when: ({ isLive, page }) => isLive || page.filesOpen,
    words: ({ page }) => (page.filesOpen ? words.palette.hideFiles : words.palette.showFiles),
    run: ({ page }) => page.toggleFiles(),
  },
  {
    id: 'trust',
    group: 'page',
    when: () => true,
    words: () => words.trust.open,
    run: ({ page }) => page.showTrust(),
  },
  {
    // The page is loaded anew for it.
    id: 'language',
    group: 'page',
    when: ({ isLive }) => isLive,
    choices: () => languageChoices(),
  },
  {
    id: 'help',
    group: 'page',
    shortcut: 'help',
    when: () => true,
    words: () => words.palette.help,
    run: ({ page }) => page.showHelp(),
  },
  {
    id: 'signOut',
    group: 'page',
    when: ({ isLive, page }) => isLive && page.signOut !== null,
    words: () => words.palette.signOut,
    run: ({ page }) => page.signOut?.(),
  },
];

/** Something that can be done now. */
export interface Offer extends Choice {
  readonly group: CommandGroup;
  readonly shortcut: ShortcutId | null;
}

/** Groups of what can be done now, in the order they are shown in. */
const ORDER: readonly CommandGroup[] = ['conversation', 'claude', 'page'];

export function commandsNow(now: Situation): Offer[] {
  const offers = COMMANDS.filter(({ when }) => when(now)).flatMap((command): Offer[] => {
    const { id, group, shortcut = null } = command;
    const choices =
      'choices' in command
        ? command.choices(now)
        : [{ key: '', words: command.words(now), isCurrent: false, run: () => command.run(now) }];
    return choices.map((it) => ({ ...it, key: id + it.key, group, shortcut }));
  });
  return ORDER.flatMap((group) => offers.filter((offer) => offer.group === group));
}
