/** The page that hands what happens to actors on to a Stately inspector, which it has in a frame. */
import { readFileSync } from 'node:fs';
import type { InEach } from '../page-language.ts';
import { type Page, sourceHash } from '../pages.ts';

/** Plain JavaScript, as it stands in the page; the page’s policy names it by its hash. */
const SCRIPT = readFileSync(new URL('./stately-bridge.js', import.meta.url), 'utf8');

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:0;height:100dvh;display:flex;flex-direction:column}' +
  'main{padding:.75rem 1.25rem;max-width:60rem}h1{font-size:1.25rem;margin:0 0 .5rem}p{margin:.25rem 0}' +
  '.bar{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;margin:.75rem 0 0}a{color:inherit}code{overflow-wrap:anywhere}' +
  'button{font:inherit;padding:.4em 1.1em;border:0;border-radius:8px;background:#1c6b4a;color:#fff;cursor:pointer}' +
  'button:focus-visible,a:focus-visible{outline:2px solid currentColor;outline-offset:2px}[hidden]{display:none}' +
  'iframe{flex:1;min-height:20rem;width:100%;border:0;border-top:1px solid #8886;background:#fff}';

/** What the bridge may be doing, as `stately-bridge.js` calls it. */
const STATES = ['off', 'waiting', 'opening', 'connected', 'lost', 'gone', 'ended', 'ours'] as const;

interface Words {
  readonly title: string;
  readonly back: string;
  readonly what: (origin: string) => string;
  readonly leaves: string;
  readonly connect: string;
  readonly disconnect: string;
  readonly handed: string;
  readonly dropped: string;
  readonly noScript: string;
  readonly states: Readonly<Record<(typeof STATES)[number], string>>;
}

const WORDS: InEach<Words> = {
  en: {
    title: 'Stately inspector',
    back: 'Back to the actors',
    what: (origin) =>
      `“Connect” opens the inspector of <code>${origin}</code> below, and hands it what this server’s sessions and conversations do, for as long as this page is open. Before that, nothing is loaded from there.`,
    leaves:
      'What leaves: ids, names of states and events, counts, times and codes. No words, no files, no names of people. All of it goes to that page in this browser; what it does with them is up to whoever runs it.',
    connect: 'Connect',
    disconnect: 'Disconnect',
    handed: 'Messages handed on:',
    dropped: 'Events left out:',
    noScript: 'This page needs JavaScript.',
    states: {
      off: 'Not connected.',
      waiting:
        'Waiting for the inspector. It may not let itself be embedded, or be at another address by now.',
      opening: 'The inspector is there. Connecting to the server…',
      connected: 'Connected.',
      lost: 'The line to the server is lost. Connecting again…',
      gone: 'Not connected: that actor has gone.',
      ours: 'The address that is set is of this server’s own origin. A page there could do all that you may, so it is not opened.',
      ended:
        'Not connected: you are not signed in as an operator any more. Sign in again, then connect.',
    },
  },
  de: {
    title: 'Stately-Inspektor',
    back: 'Zurück zu den Aktoren',
    what: (origin) =>
      `„Verbinden“ öffnet unten den Inspektor von <code>${origin}</code> und reicht ihm weiter, was die Sitzungen und Unterhaltungen dieses Servers tun, solange diese Seite offen ist. Vorher wird von dort nichts geladen.`,
    leaves:
      'Was hinausgeht: Kennungen, Namen von Zuständen und Ereignissen, Anzahlen, Zeiten und Codes. Keine Texte, keine Dateien, keine Namen von Personen. Das alles geht an jene Seite in diesem Browser; was sie damit tut, liegt bei denen, die sie betreiben.',
    connect: 'Verbinden',
    disconnect: 'Trennen',
    handed: 'Weitergereichte Nachrichten:',
    dropped: 'Ausgelassene Ereignisse:',
    noScript: 'Diese Seite braucht JavaScript.',
    states: {
      off: 'Nicht verbunden.',
      waiting:
        'Wartet auf den Inspektor. Vielleicht lässt er sich nicht einbetten, oder er hat inzwischen eine andere Adresse.',
      opening: 'Der Inspektor ist da. Die Verbindung zum Server wird aufgebaut …',
      connected: 'Verbunden.',
      lost: 'Die Verbindung zum Server ist abgebrochen. Sie wird neu aufgebaut …',
      gone: 'Nicht verbunden: Diesen Aktor gibt es nicht mehr.',
      ours: 'Die eingestellte Adresse gehört zum Ursprung dieses Servers selbst. Eine Seite dort könnte alles tun, was Sie dürfen; darum wird sie nicht geöffnet.',
      ended:
        'Nicht verbunden: Sie sind nicht mehr als Betreiber angemeldet. Melden Sie sich neu an, und verbinden Sie dann.',
    },
  },
};

export interface StatelyPage {
  readonly page: Page;
  readonly policy: string;
}

export function statelyPage(inspector: URL): StatelyPage {
  return {
    page: { en: html('en', inspector), de: html('de', inspector) },
    policy: [
      "default-src 'none'",
      `script-src ${sourceHash(SCRIPT)}`,
      `style-src ${sourceHash(STYLE)}`,
      "connect-src 'self'",
      `frame-src ${inspector.origin}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
  };
}

function html(language: keyof typeof WORDS, inspector: URL): string {
  const said = WORDS[language];
  const states = STATES.map((state) => `<p id="says-${state}">${said.states[state]}</p>`).join('');
  return (
    `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${said.title} · Greenroom</title><style>${STYLE}</style>` +
    `<main><h1>${said.title}</h1><p>${said.what(escaped(inspector.origin))}</p><p>${said.leaves}</p>` +
    `<noscript><p>${said.noScript}</p></noscript><div hidden>${states}</div>` +
    `<div class="bar"><button type="button" id="connect" hidden>${said.connect}</button>` +
    `<button type="button" id="disconnect" hidden>${said.disconnect}</button><span role="status" id="status"></span></div>` +
    `<div class="bar"><span>${said.handed} <b id="handed">0</b></span><span>${said.dropped} <b id="dropped">0</b></span>` +
    `<a href="./">${said.back}</a></div></main>` +
    // Its page may run, keep what is its own and open another; it may not lead this one elsewhere.
    `<template id="embedded"><iframe title="${said.title}" data-address="${escaped(inspector.href)}" allow="" ` +
    `sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"></iframe></template>` +
    `<script>${SCRIPT}</script></html>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
