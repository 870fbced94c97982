import { useState } from 'react';
import { Dialog } from '../account/dialog.tsx';
import { SHORTCUTS, type ShortcutId } from '../shortcuts.ts';
import { words } from '../words/words.ts';
import { isHelpKeyOn, setHelpKey } from './help-key.ts';
import { Keycaps } from './keycaps.tsx';

const PLACES = ['page', 'box', 'reading'] as const;
const IDS = Object.keys(SHORTCUTS) as ShortcutId[];

/** Every shortcut of the page. */
export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={words.palette.helpTitle} className="keyboard-help" onClose={onClose}>
      <ShortcutTable />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          {words.palette.close}
        </button>
      </div>
    </Dialog>
  );
}

export function ShortcutTable() {
  const [isOn, setOn] = useState(isHelpKeyOn);
  return (
    <>
      {PLACES.map((place) => (
        <section key={place} className="shortcuts" aria-label={words.palette.places[place]}>
          <h3>{words.palette.places[place]}</h3>
          <dl>
            {IDS.filter((id) => SHORTCUTS[id].place === place).map((id) => (
              <div key={id}>
                <dt>{words.palette.does[id]}</dt>
                <dd>
                  <Keycaps id={id} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className="check">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ target }) => {
            setHelpKey(target.checked);
            setOn(target.checked);
          }}
        />
        <span>{words.palette.helpKey}</span>
      </label>
    </>
  );
}
