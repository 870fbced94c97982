import { useSyncExternalStore } from 'react';
import { Dialog } from '../account/dialog.tsx';
import { titleFromPrompt } from '../app-shell/page-signs.ts';
import type { ChatClient } from '../chat/client.ts';
import { askToShare } from '../share/share-request.ts';
import { words } from '../words/words.ts';
import CopyDiagnostics from './copy-diagnostics.tsx';
import { TrustRules } from './trust-rules.tsx';

interface TrustDialogProps {
  client: ChatClient;
  onClose: () => void;
}

/** Who may do what here: as the server has told it, and what it has not told is said to be unknown. */
export default function TrustDialog({ client, onClose }: TrustDialogProps) {
  const view = useSyncExternalStore(client.store.subscribe, client.store.view);
  const said = words.trust;
  const share = () => {
    const { threadId, runs } = view;
    onClose();
    if (threadId) askToShare({ threadId, title: titleFromPrompt(runs) ?? words.trust.untitled });
  };
  return (
    <Dialog title={said.open} className="trust" onClose={onClose}>
      {view.welcome ? (
        <TrustRules chosen={view.chosen} welcome={view.welcome} />
      ) : (
        <p>{said.unknown}</p>
      )}
      <div className="dialog-actions">
        {view.runs.length > 0 && (
          <button type="button" className="button" onClick={share}>
            {said.share}
          </button>
        )}
        <CopyDiagnostics client={client} />
        <button type="button" className="button primary" onClick={onClose}>
          {said.close}
        </button>
      </div>
      <p className="quiet trust-hint">{said.copyHint}</p>
    </Dialog>
  );
}
