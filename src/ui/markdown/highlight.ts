import { show } from './sanitise.ts';

/** Longer code stays plain: colouring it would stall the page. */
const HIGHLIGHT_MAX = 50_000;

/**
 * Colours the closed code blocks in an element, each once. The highlighter is fetched at the first block that
 * needs it, so that a page without code never loads it; until then code is plain, and nothing moves after.
 */
export async function highlightIn(element: Element): Promise<void> {
  const blocks = [...element.querySelectorAll('code[data-lang]:not([data-open])')].filter(
    (code) => code.getAttribute('data-lang') && (code.textContent ?? '').length <= HIGHLIGHT_MAX,
  );
  if (blocks.length === 0) return;
  const { toColoured } = await import('./languages.ts');
  for (const code of blocks) {
    const html = toColoured(code.textContent ?? '', code.getAttribute('data-lang') ?? '');
    if (html !== null && code.isConnected) show(code, html);
    code.removeAttribute('data-lang');
  }
}
