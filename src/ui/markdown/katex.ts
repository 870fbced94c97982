/** The maths library, its own chunk, loaded when first needed. */
import katex from 'katex';

/** Drawn before: while a paragraph grows, its formulas are asked for once a frame. */
const drawn = new Map<string, string | null>();
const DRAWN_MAX = 200;
/** UTF-16 units; longer ones stay source, as drawing them would stall the page. */
const TEX_MAX = 5_000;

/** A formula as MathML, without fonts or styles; null where the source is wrong or asks too much. */
export function toMathML(tex: string, isBlock: boolean): string | null {
  const key = `${isBlock}${tex}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const html = tex.length > TEX_MAX ? null : draw(tex, isBlock);
  if (drawn.size >= DRAWN_MAX) drawn.clear();
  drawn.set(key, html);
  return html;
}

function draw(tex: string, isBlock: boolean): string | null {
  try {
    const html = katex.renderToString(tex, {
      output: 'mathml',
      displayMode: isBlock,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand: 200,
      maxSize: 20,
    });
    // The page's policy takes no style attributes; what they say (borders of boxes) is not worth having.
    return html.replace(/ style="[^"]*"/g, '');
  } catch {
    return null;
  }
}
