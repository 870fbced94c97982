/** The few plain pages the server writes itself: they must work without the UI, a sign-in or a script. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { send } from './http.ts';

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

export const PAGES = {
  signIn: page(
    'Sign in',
    '<p>Open the sign-in link that Greenroom printed in its terminal.</p><p>For a fresh one, run <code>npx greenroom login</code> on the machine it runs on.</p>',
  ),
  linkUsed: page(
    'This link is used up',
    '<p>A sign-in link works once, for half an hour. Run <code>npx greenroom login</code> on the machine Greenroom runs on for a fresh one.</p>',
  ),
  notBuilt: page(
    'Not built yet',
    '<p>The page is missing. Run <code>npm run build</code> and restart Greenroom.</p>',
  ),
};

/** Their address is not listened to for a while: the link, if it is right, is not used up. */
export function tooManySignIns(waitMs: number): string {
  return page(
    'Too many tries',
    `<p>Too many sign-in links that do not work were opened from your network. Open yours again in ${minutes(waitMs)}: it has not been used up.</p><p>A link works for half an hour. For a fresh one, run <code>npx greenroom login</code> on the machine Greenroom runs on.</p>`,
  );
}

/** So many are tried from everywhere that what is wrong is not looked into any more. */
export function manyWrongSignIns(waitMs: number): string {
  return page(
    'This link does not work',
    `<p>It is used up, too old, or none of ours. Many such links are being tried just now, so look at this one closely, and do not try it again for ${minutes(waitMs)}.</p><p>A fresh one works at once: run <code>npx greenroom login</code> on the machine Greenroom runs on.</p>`,
  );
}

function minutes(ms: number): string {
  const count = Math.max(1, Math.ceil(ms / 60_000));
  return count === 1 ? 'a minute' : `${count} minutes`;
}

export function page(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${title} · Greenroom</title><style>${STYLE}</style><h1>${title}</h1>${body}</html>`
  );
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.setHeader('Cache-Control', 'no-store');
  send(response, status, 'text/html; charset=utf-8', html);
}
