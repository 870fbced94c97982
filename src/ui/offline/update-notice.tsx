import { useState, useSyncExternalStore } from 'react';
import { words } from '../words/words.ts';
import { newVersion, onNewVersion, showNewVersion } from './app-worker.ts';

/** A new version of the page is there; nothing happens until it is asked for. */
export function UpdateNotice() {
  const isNewer = useSyncExternalStore(onNewVersion, newVersion);
  const [isLater, setLater] = useState(false);
  if (!isNewer || isLater) return null;
  return (
    <div className="notice" role="status">
      <p>{words.offline.newVersion}</p>
      <p className="notice-actions">
        <button type="button" className="link-button" onClick={showNewVersion}>
          {words.offline.reload}
        </button>
        <button type="button" className="link-button" onClick={() => setLater(true)}>
          {words.offline.later}
        </button>
      </p>
    </div>
  );
}
