import { escapeHtml } from './escape.ts';

/** Words that are file names, though they have the form of a host. */
const FILE_NAME =
  /\.(?:c|cc|cpp|cs|css|csv|go|h|html?|ini|java|js|json|jsx|kt|lock|md|mjs|php|pl|pdf|png|py|rb|rs|sh|sql|svg|swift|toml|ts|tsx|txt|xml|ya?ml)$/i;
/** Characters that change the direction of writing, and so what words seem to say. */
const BIDI = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * A link that opens elsewhere, with its address as a title; its words alone where the address is of no kind we
 * open. Where the words seem to name another place, or the host has letters that pass for others, the real host
 * (in ASCII) stands after the words.
 * @param label The words as HTML.
 */
export function link(href: string, label: string): string {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return label;
  const url = URL.parse(href);
  if (url === null) return label;
  const host = isMisleading(href, url, plainText(label))
    ? ` <span class="link-host">(${escapeHtml(url.host || url.pathname)})</span>`
    : '';
  return (
    `<a href="${escapeHtml(href)}" title="${escapeHtml(url.href)}" target="_blank" ` +
    `rel="noopener noreferrer nofollow">${label}${host}</a>`
  );
}

function isMisleading(href: string, url: URL, words: string): boolean {
  if (BIDI.test(words) || url.username !== '' || url.password !== '') return true;
  if (url.protocol === 'mailto:') return /^https?:\/\//i.test(words.trim());
  if (hasForeignLetters(href, url)) return true;
  const named = hostNamedIn(words.trim());
  return named !== null && withoutWww(named) !== withoutWww(url.hostname);
}

/** Umlauts and accents of western Europe are what they look like; other letters may pass for ASCII ones. */
function hasForeignLetters(href: string, { hostname }: URL): boolean {
  if (!hostname.split('.').some((label) => label.startsWith('xn--'))) return false;
  const written = /^https?:\/\/([^/?#]*)/i.exec(href)?.[1] ?? '';
  return !/^[a-z\d.:\-ß-öø-ÿ]+$/i.test(written) || /xn--/i.test(written);
}

/** The host that words name, if they have the form of an address; null if they have not. */
function hostNamedIn(words: string): string | null {
  if (/^https?:\/\//i.test(words)) return URL.parse(words)?.hostname ?? words;
  const host = /^((?:[\p{L}\d-]+\.)+\p{L}{2,})(?:[:/?#]\S*)?$/u.exec(words)?.[1];
  if (host === undefined || FILE_NAME.test(words)) return null;
  return URL.parse(`https://${host}`)?.hostname ?? host;
}

function withoutWww(host: string): string {
  return host.toLowerCase().replace(/^www\./, '');
}

function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
}
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
