/** The palette and the keyboard help, without the dialogs they stand in. */
import { useState } from 'react';
import type { SearchView } from '../../history/search.ts';
import { commandsNow } from '../../palette/commands.ts';
import { KeyboardHelp, ShortcutTable } from '../../palette/keyboard-help.tsx';
import { optionsFor } from '../../palette/options.ts';
import { PaletteBox } from '../../palette/palette-box.tsx';
import { PaletteNote } from '../../palette/palette-note.tsx';
import { TitleBox } from '../../palette/title-box.tsx';
import { CONVERSATIONS, match } from '../answers.ts';
import { WithClient } from '../chat.tsx';
import { begun, kept, text } from '../fixtures.ts';
import { type Section, type State, state } from '../state.tsx';

const PAGE = {
  newChat: () => {},
  filesOpen: false,
  toggleFiles: () => {},
  signOut: () => {},
  showTrust: () => {},
  showHelp: () => {},
};
const FOUND = CONVERSATIONS.slice(2, 4).map((one) => ({ ...one, matches: [match(one.threadId)] }));

function searched(
  name: string,
  typed: string,
  searching: SearchView['state'] | 'offline',
  found: SearchView['found'] = [],
): State {
  return state(name, () => <Palette typed={typed} searching={searching} found={found} />, 'line');
}

interface PaletteProps {
  typed: string;
  searching: SearchView['state'] | 'offline';
  found: SearchView['found'];
}

function Palette({ typed, searching, found }: PaletteProps) {
  const [query, setQuery] = useState(typed);
  const [activeId, setActive] = useState<string | null>(null);
  return (
    <WithClient frames={kept(begun('Go', ...text('Here it', true)))}>
      {(client, view) => {
        const groups = optionsFor({
          query,
          conversations: CONVERSATIONS,
          currentId: 't2',
          offers: commandsNow({
            client,
            view,
            isLive: searching !== 'offline',
            conversation: CONVERSATIONS[1] ?? null,
            list: { pin: async () => {} },
            remove: () => {},
            page: PAGE,
            askTitle: () => {},
          }),
          search: { query, state: 'found', found },
        });
        const count = groups.reduce((sum, { options }) => sum + options.length, 0);
        return (
          <PaletteBox
            query={query}
            groups={groups}
            activeId={activeId}
            note={
              searching !== 'off' && (
                <PaletteNote state={searching} query={query} count={count} onRetry={() => {}} />
              )
            }
            onQuery={setQuery}
            onActive={setActive}
            onChoose={() => {}}
            onClose={() => {}}
          />
        );
      }}
    </WithClient>
  );
}

function AskedHelp() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Open
      </button>
      {isOpen && <KeyboardHelp onClose={() => setOpen(false)} />}
    </>
  );
}

export const palette: Section = {
  id: 'palette',
  title: 'Palette',
  states: [
    searched('Nothing typed', '', 'off'),
    searched('Titles and commands', 'ren', 'found'),
    searched('What was said', 'photos', 'found', FOUND),
    searched('Searching said words', 'photos', 'searching'),
    searched('Said words not searched', 'photos', 'failed'),
    searched('Without the server', 'photos', 'offline'),
    searched('Nothing at all', 'zzzz', 'found'),
    state(
      'Another title',
      () => <TitleBox title="Rename photos by date" onRename={() => {}} onClose={() => {}} />,
      'line',
    ),
    state('Shortcuts', () => <ShortcutTable />),
    state('Keyboard help', () => <AskedHelp />),
  ],
};
