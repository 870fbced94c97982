import { type MouseEvent, memo, useLayoutEffect, useRef } from 'react';
import { NOTHING, type Rendered, render } from './blocks.ts';
import { act, showWrapped } from './code-actions.ts';
import { drawMathIn } from './draw-math.ts';
import { growCode } from './grow-code.ts';
import { highlightIn } from './highlight.ts';
import { show } from './sanitise.ts';

/**
 * An answer's text. Each block is its own element and is written to only when its HTML changes; while the
 * text grows, that is the last two.
 */
export const Markdown = memo(function Markdown({ text, open }: { text: string; open: boolean }) {
  // A cache, not state: `render` gives the same blocks from any beginning of the text.
  const cache = useRef<Rendered>(NOTHING);
  const rendered = render(cache.current, text, open);
  cache.current = rendered;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: catches the clicks of the buttons inside
    // biome-ignore lint/a11y/useKeyWithClickEvents: buttons turn keys into clicks themselves
    <div className="markdown" onClick={onClick}>
      {[...rendered.frozen, ...rendered.tail].map(({ html }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever appended
        <HtmlBlock key={index} html={html} />
      ))}
    </div>
  );
});

const HtmlBlock = memo(function HtmlBlock({ html }: { html: string }) {
  const element = useRef<HTMLDivElement>(null);
  const shown = useRef('');
  useLayoutEffect(() => {
    const before = shown.current;
    shown.current = html;
    if (!element.current || growCode(element.current, before, html)) return;
    show(element.current, html);
    showWrapped(element.current);
    void drawMathIn(element.current);
    void highlightIn(element.current);
  }, [html]);
  return <div ref={element} className="block" />;
});

function onClick({ target }: MouseEvent): void {
  if (target instanceof Element) void act(target);
}
