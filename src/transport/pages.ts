/** The few plain pages the server writes itself: they must work without the UI, a sign-in or a script. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type InEach, type PageLanguage, pageLanguage } from './page-language.ts';
import { send } from './send.ts';

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.25rem}' +
  'code{background:#8883;padding:.1em .35em;border-radius:4px}a{color:inherit}' +
  '.go{display:inline-block;padding:.5em 1.1em;border-radius:8px;background:#1c6b4a;color:#fff;text-decoration:none}' +
  '.go:focus-visible{outline:2px solid currentColor;outline-offset:2px}';
/** Of the style that stands in every plain page. */
export const STYLE_HASH = sourceHash(STYLE);

/** For the UI. Nothing from elsewhere, no inline code, and DOM sinks take sanitised HTML only. */
export const UI_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types dompurify greenroom-worker',
].join('; ');

/** How a policy names what stands in a page itself. */
export function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const DIAGRAM_SCRIPT = /<script>([\s\S]*)<\/script>/;

/**
 * For the page inside the frame that draws diagrams. An origin of nobody's, one known script, and nothing loaded or
 * sent anywhere; styles inline, as drawings have them.
 */
export function diagramPolicy(html: string): string {
  return [
    "default-src 'none'",
    `script-src ${sourceHash(DIAGRAM_SCRIPT.exec(html)?.[1] ?? '')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-scripts',
  ].join('; ');
}

const PAGE_POLICY = `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** A page as it is sent, in each language. */
export type Page = InEach<string>;

export const PAGES = {
  signIn: page({
    en: [
      'Sign in',
      '<p>Open the sign-in link that Greenroom printed in its terminal.</p><p>For a fresh one, run <code>npx greenroom login</code> on the machine it runs on.</p>',
    ],
    de: [
      'Anmelden',
      '<p>Öffnen Sie den Anmelde-Link, den Greenroom in seinem Terminal ausgegeben hat.</p><p>Einen neuen erhalten Sie mit <code>npx greenroom login</code> auf dem Rechner, auf dem Greenroom läuft.</p>',
    ],
  }),
  linkUsed: page({
    en: [
      'This link is used up',
      '<p>A sign-in link works once, for half an hour. Run <code>npx greenroom login</code> on the machine Greenroom runs on for a fresh one.</p>',
    ],
    de: [
      'Dieser Link ist verbraucht',
      '<p>Ein Anmelde-Link gilt einmal, eine halbe Stunde lang. Einen neuen erhalten Sie mit <code>npx greenroom login</code> auf dem Rechner, auf dem Greenroom läuft.</p>',
    ],
  }),
  notBuilt: page({
    en: [
      'Not built yet',
      '<p>The page is missing. Run <code>npm run build</code> and restart Greenroom.</p>',
    ],
    de: [
      'Noch nicht gebaut',
      '<p>Die Seite fehlt. Führen Sie <code>npm run build</code> aus, und starten Sie Greenroom neu.</p>',
    ],
  }),
};

/** Their address is not listened to for a while: the link, if it is right, is not used up. */
export function tooManySignIns(waitMs: number): Page {
  const wait = minutes(waitMs);
  return page({
    en: [
      'Too many tries',
      `<p>Too many sign-in links that do not work were opened from your network. Open yours again in ${wait.en}: it has not been used up.</p><p>A link works for half an hour. For a fresh one, run <code>npx greenroom login</code> on the machine Greenroom runs on.</p>`,
    ],
    de: [
      'Zu viele Versuche',
      `<p>Aus Ihrem Netz wurden zu viele Anmelde-Links geöffnet, die nicht gelten. Öffnen Sie Ihren in ${wait.de} noch einmal: Er ist nicht verbraucht.</p><p>Ein Link gilt eine halbe Stunde. Einen neuen erhalten Sie mit <code>npx greenroom login</code> auf dem Rechner, auf dem Greenroom läuft.</p>`,
    ],
  });
}

/** So many are tried from everywhere that what is wrong is not looked into any more. */
export function manyWrongSignIns(waitMs: number): Page {
  const wait = minutes(waitMs);
  return page({
    en: [
      'This link does not work',
      `<p>It is used up, too old, or none of ours. Many such links are being tried just now, so look at this one closely, and do not try it again for ${wait.en}.</p><p>A fresh one works at once: run <code>npx greenroom login</code> on the machine Greenroom runs on.</p>`,
    ],
    de: [
      'Dieser Link funktioniert nicht',
      `<p>Er ist verbraucht, zu alt oder keiner von uns. Gerade werden viele solche Links ausprobiert: Sehen Sie sich diesen genau an, und öffnen Sie ihn erst in ${wait.de} wieder.</p><p>Ein neuer gilt sofort: Sie erhalten ihn mit <code>npx greenroom login</code> auf dem Rechner, auf dem Greenroom läuft.</p>`,
    ],
  });
}

function minutes(ms: number): InEach<string> {
  const count = Math.max(1, Math.ceil(ms / 60_000));
  return count === 1
    ? { en: 'a minute', de: 'einer Minute' }
    : { en: `${count} minutes`, de: `${count} Minuten` };
}

/** @param said Title and body, as HTML. */
export function page(said: InEach<readonly [title: string, body: string]>): Page {
  return { en: html('en', ...said.en), de: html('de', ...said.de) };
}

function html(language: PageLanguage, title: string, body: string): string {
  return (
    `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${title} · Greenroom</title><style>${STYLE}</style><main><h1>${title}</h1>${body}</main></html>`
  );
}

/** In the language its reader asks for. */
export function sendPage(
  response: ServerResponse,
  status: number,
  page: Page,
  policy = PAGE_POLICY,
): void {
  const language = pageLanguage(response.req);
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Language', language);
  response.setHeader('Vary', 'Accept-Language');
  send(response, status, 'text/html; charset=utf-8', page[language]);
}
