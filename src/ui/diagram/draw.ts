/** Draws a diagram from its source, on request, in a frame that can do nothing but draw. */
import { words } from '../words/words.ts';
import type { FrameSays, ToFrame } from './messages.ts';

/** The library is large: loaded over a slow line it may take a while. */
const LOAD_MS = 60_000;
const DRAW_MS = 10_000;
const HEIGHT_MAX = 4_000;

/**
 * Puts the drawing in place of the source of a code block. The source stays for screen readers, as the text
 * alternative, and comes back with the button. What goes wrong is said above the source.
 * @param button The one that asked for it.
 */
export function drawDiagram(box: HTMLElement, button: HTMLButtonElement): void {
  const source = box.querySelector<HTMLElement>('pre');
  const text = source?.textContent ?? '';
  if (source === null || box.querySelector('.diagram') !== null) return;
  const place = document.createElement('div');
  place.className = 'diagram';
  const status = document.createElement('p');
  status.className = 'diagram-status';
  status.role = 'status';
  const frame = document.createElement('iframe');
  frame.title = `${words.markdown.diagram}: ${text.trim().split('\n')[0]?.slice(0, 80) ?? ''}`;
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  frame.src = new URL('diagram/frame', document.baseURI).href;
  place.append(status, frame);

  const ended = new AbortController();
  let timer = setTimeout(() => fail(words.markdown.diagramNotHad), LOAD_MS);
  const end = () => {
    clearTimeout(timer);
    ended.abort();
    place.remove();
    source.classList.remove('hidden');
    source.tabIndex = 0;
    button.textContent = words.markdown.draw;
  };
  const fail = (why: string) => {
    end();
    status.className = 'diagram-status wrong';
    status.textContent = why;
    box.querySelector('.diagram-status')?.remove();
    source.before(status);
  };
  const hear = ({ source: speaker, data }: MessageEvent<FrameSays>) => {
    if (speaker !== frame.contentWindow) return;
    if (data.type === 'ready') {
      clearTimeout(timer);
      timer = setTimeout(() => fail(words.markdown.diagramTooSlow), DRAW_MS);
      const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
      const ask: ToFrame = { text, theme: isDark ? 'dark' : 'default' };
      frame.contentWindow?.postMessage(ask, '*'); // its origin is opaque, so no other address names it
    } else if (data.type === 'wrong') {
      fail(words.markdown.diagramWrong(String(data.why).slice(0, 500)));
    } else if (data.type === 'drawn') {
      clearTimeout(timer);
      status.remove();
      frame.style.height = `${Math.min(HEIGHT_MAX, Math.max(1, Number(data.height) || 1))}px`;
      source.classList.add('hidden');
      source.tabIndex = -1;
      button.textContent = words.markdown.backToSource;
    }
  };
  window.addEventListener('message', hear, { signal: ended.signal });
  button.addEventListener(
    'click',
    (event) => {
      event.stopPropagation();
      end();
    },
    { signal: ended.signal },
  );
  box.querySelector('.diagram-status')?.remove();
  status.textContent = words.markdown.drawing;
  source.before(place);
}
