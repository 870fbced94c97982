import { createRoot } from 'react-dom/client';
import { InLanguage } from '../words/in-language.tsx';
import { speakPreferred } from '../words/language-choice.ts';
import { OpsClient } from './client.ts';
import type { Socket } from './line.ts';
import { OpsPage } from './page.tsx';

const place = document.getElementById('app');
if (!place) throw new Error('index.html has no #app');

const url = new URL('ws', document.baseURI).href.replace(/^http/, 'ws');
const client = new OpsClient({
  open: () => new WebSocket(url, 'agui.v1') as Socket,
  probe: () =>
    fetch('charts', { redirect: 'manual', cache: 'no-store' }).then(
      // A redirect leads to the sign-in.
      ({ status, type }) => (type === 'opaqueredirect' ? 401 : status),
      () => 0,
    ),
  random: Math.random,
  now: Date.now,
  later: (act, ms) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
});
client.start();
addEventListener('online', () => {
  if (client.state().line.is === 'waiting') client.start();
});

await speakPreferred();
createRoot(place).render(
  <InLanguage>
    <OpsPage client={client} />
  </InLanguage>,
);
