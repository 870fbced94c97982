import DOMPurify, { type Config } from 'dompurify';

/** Attributes that hold no address; every other one must match the pattern for addresses below. */
const PLAIN_ATTRIBUTES =
  'target rel title class type start tabindex role aria-checked aria-disabled aria-label data-lang data-open data-math data-note data-note-text'.split(
    ' ',
  );

const HTML: Config = {
  ALLOWED_TAGS:
    'a blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong sup table tbody td th thead tr ul'.split(
      ' ',
    ),
  ALLOWED_ATTR: ['href', ...PLAIN_ATTRIBUTES],
  ADD_URI_SAFE_ATTR: PLAIN_ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_TRUSTED_TYPE: true,
};

/** What a formula is drawn with: no links, no actions, no styles, no markup of another kind. */
const MATH_ATTRIBUTES =
  'accent accentunder class columnalign columnlines columnspacing depth display displaystyle encoding fence form height largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset width'.split(
    ' ',
  );
const MATH: Config = {
  ALLOWED_TAGS:
    'span math annotation menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics'.split(
      ' ',
    ),
  ALLOWED_ATTR: MATH_ATTRIBUTES,
  ADD_URI_SAFE_ATTR: MATH_ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_TRUSTED_TYPE: true,
};

/**
 * The second wall: HTML text as something the page may show, by allow-list. The browser enforces that nothing
 * else is shown (`require-trusted-types-for`), so this is the one place where HTML can enter.
 */
export function show(element: Element, html: string): void {
  element.innerHTML = DOMPurify.sanitize(html, HTML) as unknown as string;
}

/** The same for a drawn formula. An answer's own text never comes this way. */
export function showMath(element: Element, html: string): void {
  element.innerHTML = DOMPurify.sanitize(html, MATH) as unknown as string;
}
