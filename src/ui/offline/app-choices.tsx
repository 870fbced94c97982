import { useState, useSyncExternalStore } from 'react';
import { words } from '../words/words.ts';
import { canInstall, install, onCanInstall } from './installing.ts';
import { chooseNotify, notifyChoice } from './notify-choice.ts';

/** What this browser can do for the page: call back, and show it as an app of its own. */
export function AppChoices({ onChosen }: { onChosen: () => void }) {
  const said = words.offline;
  const mayInstall = useSyncExternalStore(onCanInstall, canInstall);
  const [choice, setChoice] = useState(notifyChoice);
  return (
    <>
      {choice !== 'none' && (
        <label className="check">
          <input
            type="checkbox"
            checked={choice === 'on'}
            disabled={choice === 'denied'}
            onChange={({ currentTarget }) =>
              void chooseNotify(currentTarget.checked).then(setChoice)
            }
          />
          {said.notify}
        </label>
      )}
      {choice === 'denied' && <p className="menu-note">{said.notifyDenied}</p>}
      {mayInstall && (
        <button
          type="button"
          onClick={() => {
            onChosen();
            install();
          }}
        >
          {said.install}
        </button>
      )}
    </>
  );
}
