import { texOf } from './math.ts';
import { showMath } from './sanitise.ts';

type ToMathML = (tex: string, isBlock: boolean) => string | null;

/** Fetched at the first formula; from then on formulas are drawn before they are painted, so none flickers. */
let toMathML: ToMathML | null = null;

/**
 * Draws the formulas in an element in place of their source, which stays where it is wrong or the library cannot
 * be had.
 */
export async function drawMathIn(element: Element): Promise<void> {
  const formulas = [...element.querySelectorAll('[data-math]')];
  if (formulas.length === 0) return;
  if (toMathML === null) {
    try {
      ({ toMathML } = await import('./katex.ts'));
    } catch {
      return;
    }
  }
  for (const formula of formulas) {
    const isBlock = formula.getAttribute('data-math') === 'block';
    formula.removeAttribute('data-math');
    const html = toMathML(texOf(formula.textContent ?? ''), isBlock);
    if (html !== null) showMath(formula, html);
    else formula.className = 'math-source';
  }
}
