import { lazy, Suspense, useSyncExternalStore } from 'react';
import { patiently } from '../patiently.ts';
import { askedToShare, askToShare, onAskedToShare } from './share-request.ts';

const ShareDialog = lazy(patiently(() => import('./share-dialog.tsx')));

/** Shows how a conversation is shared, once that was asked for. */
export function ShareHost() {
  const asked = useSyncExternalStore(onAskedToShare, askedToShare);
  if (asked === null) return null;
  return (
    <Suspense fallback={null}>
      <ShareDialog key={asked.threadId} conversation={asked} onClose={() => askToShare(null)} />
    </Suspense>
  );
}
