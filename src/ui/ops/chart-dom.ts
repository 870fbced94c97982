/** A statechart in the page: put in through the sanitiser, lit by classes. */
import DOMPurify, { type Config } from 'dompurify';
import { edgeOf, withParents } from './chart-marks.ts';
import type { Move } from './trail.ts';

export const FLASH_MS = 600;

/** Drawn shapes and words alone; no styles of its own, which the page's policy forbids besides. */
const SVG: Config & { RETURN_DOM_FRAGMENT: true } = {
  USE_PROFILES: { svg: true },
  FORBID_TAGS: ['style', 'image', 'use'],
  FORBID_ATTR: ['style', 'href', 'xlink:href'],
  RETURN_DOM_FRAGMENT: true,
};

/** Puts a chart in the place of whatever a box holds. Null: there was none in the text. */
export function putIn(box: Element, text: string): SVGSVGElement | null {
  const drawn = DOMPurify.sanitize(text, SVG).querySelector('svg');
  box.replaceChildren(...(drawn ? [drawn] : []));
  if (!drawn) return null;
  // Its states are read from the snapshot: as a picture it has one name, which its box gives.
  drawn.setAttribute('aria-hidden', 'true');
  for (const title of drawn.querySelectorAll('title')) title.remove();
  for (const link of drawn.querySelectorAll('a')) describe(link);
  return drawn;
}

/** What a drawing says of a state as the title of a link that leads nowhere: as what a pointer is told. */
function describe(link: Element): void {
  const says = link.getAttribute('xlink:title');
  const group = link.parentElement;
  link.replaceWith(...link.childNodes);
  if (!says || !group) return;
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = says;
  group.prepend(title);
}

/** The size a chart was drawn in. */
export function sizeOf(drawn: SVGSVGElement): { width: number; height: number } {
  const { width, height } = drawn.viewBox.baseVal ?? { width: 0, height: 0 };
  if (width > 0 && height > 0) return { width, height };
  return {
    width: drawn.width.baseVal.value || 640,
    height: drawn.height.baseVal.value || 480,
  };
}

/** Lights a state, and more softly those it is in. */
export function light(drawn: SVGSVGElement, state: string | null): void {
  for (const lit of drawn.querySelectorAll('.is-here, .is-around'))
    lit.classList.remove('is-here', 'is-around');
  const names = withParents(state ?? '');
  for (const name of names) {
    const isInnermost = !names.some((other) => other.startsWith(`${name}.`));
    for (const group of partsOf(drawn, `state:${name}`))
      group.classList.add(isInnermost ? 'is-here' : 'is-around');
  }
}

/** Scrolls a box so that the lit state is in the middle of it, where all of the chart does not fit. */
export function bringIntoSight(box: Element, drawn: SVGSVGElement): void {
  const here = drawn.querySelector('.is-here')?.getBoundingClientRect();
  if (!here) return;
  const frame = box.getBoundingClientRect();
  if (here.left < frame.left || here.right > frame.right)
    box.scrollLeft += here.left + here.width / 2 - frame.left - frame.width / 2;
  if (here.top < frame.top || here.bottom > frame.bottom)
    box.scrollTop += here.top + here.height / 2 - frame.top - frame.height / 2;
}

/** Lights the edge of a move, for a moment or until the next. @param ms Null: until the next. */
export function cross(drawn: SVGSVGElement, move: Move | null, ms: number | null): void {
  if (ms === null) clear(drawn);
  if (move === null) return;
  const id = edgeOf(move, (it) => partsOf(drawn, it).length > 0);
  if (id === null) return;
  for (const edge of partsOf(drawn, id)) {
    edge.classList.remove('is-crossed');
    edge.getBoundingClientRect(); // so that a second flash begins anew
    edge.classList.add('is-crossed');
    if (ms !== null) setTimeout(() => edge.classList.remove('is-crossed'), ms);
  }
}

function clear(drawn: SVGSVGElement): void {
  for (const edge of drawn.querySelectorAll('.is-crossed')) edge.classList.remove('is-crossed');
}

function partsOf(drawn: SVGSVGElement, id: string): Element[] {
  return [...drawn.querySelectorAll(`[id="${CSS.escape(id)}"]`)];
}
