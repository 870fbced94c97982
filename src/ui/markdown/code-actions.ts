import { copied } from '../clipboard.ts';
import { patiently } from '../patiently.ts';
import { words } from '../words/words.ts';

/** How long the button says so. */
const COPIED_MS = 1_500;
const WRAP_KEY = 'greenroom:wrap-code';

const loadDiagram = patiently(() => import('../diagram/draw.ts'));

/** Does what the button that was clicked is for, if it is one of an answer's. */
export async function act(target: Element): Promise<void> {
  const button = target.closest<HTMLButtonElement>('button');
  if (!button) return;
  const box = button.closest<HTMLElement>('.code');
  if (button.matches('.copy') && box) await copy(button, box);
  else if (button.matches('.wrap')) setWrapped(!isWrapped());
  else if (button.matches('.unfold') && box) unfold(button, box);
  else if (button.matches('.draw') && box) (await loadDiagram()).drawDiagram(box, button);
  else if (button.matches('.note-ref, .note-back')) toNote(button);
}

async function copy(button: HTMLElement, box: HTMLElement): Promise<void> {
  const code = box.querySelector('code')?.textContent ?? '';
  const said = words.markdown;
  const isCopied = await copied(code.replace(/\n$/, ''));
  button.textContent = isCopied ? said.copied : said.copyNotAllowed;
  setTimeout(() => {
    button.textContent = words.markdown.copy;
  }, COPIED_MS);
}

function unfold(button: HTMLElement, box: HTMLElement): void {
  box.classList.remove('folded');
  button.remove();
  box.querySelector<HTMLElement>('pre')?.focus({ preventScroll: true });
}

/** From a reference to its footnote and back, with the focus. */
function toNote(button: HTMLElement): void {
  const number = Number(button.dataset.note);
  const where = button.matches('.note-ref')
    ? `[data-note-text="${number}"]`
    : `.note-ref[data-note="${number}"]`;
  const place = button.closest('.markdown')?.querySelector<HTMLElement>(where);
  place?.scrollIntoView({ block: 'nearest' });
  place?.focus({ preventScroll: true });
}

function isWrapped(): boolean {
  return localStorage.getItem(WRAP_KEY) === 'yes';
}

/** For all code on the page, and kept for this browser. */
function setWrapped(wrapped: boolean): void {
  if (wrapped) localStorage.setItem(WRAP_KEY, 'yes');
  else localStorage.removeItem(WRAP_KEY);
  showWrapped(document.documentElement);
}

/** Makes code, and the buttons in an element, say whether long lines are wrapped. */
export function showWrapped(element: Element): void {
  const wrapped = isWrapped();
  document.documentElement.classList.toggle('wrap-code', wrapped);
  for (const button of element.querySelectorAll('.code-button.wrap'))
    button.setAttribute('aria-pressed', String(wrapped));
}
