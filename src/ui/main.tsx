import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ChatClient } from './chat/client.ts';
import { startAppWorker } from './offline/app-worker.ts';
import { listenForInstall } from './offline/installing.ts';
import { patiently } from './patiently.ts';
import { sharedIn, takeSharedHash } from './share/shared-link.ts';
import { InLanguage } from './words/in-language.tsx';
import { speakPreferred } from './words/language-choice.ts';

const place = document.getElementById('app');
if (!place) throw new Error('index.html has no #app');

const sharedHash = takeSharedHash(sessionStorage);
if (sharedHash !== null) history.replaceState(null, '', sharedHash);
const shared = sharedIn(location.hash);
addEventListener('hashchange', () => {
  if (sharedIn(location.hash) !== shared) location.reload();
});

if (shared === null) {
  const client = new ChatClient();
  client.start();
  listenForInstall();
  whenAtRest(() =>
    startAppWorker((url) => {
      location.hash = new URL(url, location.href).hash;
    }),
  );
  await speakPreferred();
  createRoot(place).render(
    <InLanguage>
      <App client={client} />
    </InLanguage>,
  );
} else {
  await speakPreferred();
  const { showShared } = await patiently(() => import('./share/shared-page.tsx'))();
  showShared(place, shared);
}

/** The page itself comes first: what it is made of is fetched again only once it stands. */
function whenAtRest(act: () => void): void {
  if (document.readyState === 'complete') act();
  else addEventListener('load', act, { once: true });
}
