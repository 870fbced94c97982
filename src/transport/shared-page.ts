/**
 * Where a link leads to that somebody was sent. Who opens it may have to sign in first, and on the way there and back
 * a fragment is lost, or told to whoever one signs in at. So this page, which anybody may see, keeps it in its tab.
 */
import type { ServerResponse } from 'node:http';
import { page, STYLE_HASH, sendPage, sourceHash } from './pages.ts';

/** The page of the chat takes it up: see `ui/share/shared-link.ts`. */
const SCRIPT =
  "sessionStorage.setItem('greenroom:shared',location.hash.slice(1));location.replace('./')";
const PAGE = page({
  en: [
    'Opening the conversation…',
    `<p>A page with scripts switched off cannot show it.</p><script>${SCRIPT}</script>`,
  ],
  de: [
    'Die Unterhaltung wird geöffnet …',
    `<p>Sind Skripte ausgeschaltet, kann die Seite sie nicht zeigen.</p><script>${SCRIPT}</script>`,
  ],
});
const POLICY = [
  "default-src 'none'",
  `script-src ${sourceHash(SCRIPT)}`,
  `style-src ${STYLE_HASH}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function sendSharedPage(response: ServerResponse): void {
  sendPage(response, 200, PAGE, POLICY);
}
