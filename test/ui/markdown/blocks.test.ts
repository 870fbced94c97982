import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NOTHING, type Rendered, render } from '../../../src/ui/markdown/blocks.ts';

const html = ({ frozen, tail }: Rendered) => [...frozen, ...tail].map((block) => block.html);
const whole = (text: string) => html(render(NOTHING, text, false)).join('');

/** Pieces that make parsers stumble when they are cut in the middle. */
const piece = fc.oneof(
  fc.constantFrom(
    '# Title\n',
    'Title\n===\n',
    'plain text ',
    '**bold** ',
    '*half ',
    '`code` ',
    '``` ',
    '[link](https://example.org) ',
    '![img](https://example.org/p.png) ',
    '[ref][r] ',
    '\n[r]: https://example.org\n',
    '\n\n',
    '\n',
    '- item\n',
    '  - nested\n',
    '1. one\n',
    '- [ ] task\n',
    '> quote\n',
    '```ts\nconst a = 1;\n```\n',
    '~~~\nopen fence\n',
    '\n| a | b |\n|---|--:|\n| 1 | 2 |\n',
    '---\n',
    '<div>raw</div>\n',
    '<b',
    '    indented\n',
    '~~gone~~ ',
    '$x$ ',
    '$5 ',
    '\n$$\n',
    '$$y$$',
    '\\(z',
    '\\)',
    '\n\\[\n',
    '\\]\n',
    '[^1]',
    '\n[^1]: note\n',
    '\n[^2]: note',
    '\t',
    '\r\n',
    '日本語 ',
    '🙂',
  ),
  fc.string({ maxLength: 8 }),
);
const markdown = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));

test('a text that grows letter by letter ends with the same HTML as one rendered at once', () => {
  fc.assert(
    fc.property(markdown, (text) => {
      let rendered = NOTHING;
      for (let i = 1; i <= text.length; i += 1) rendered = render(rendered, text.slice(0, i), true);
      assert.equal(html(render(rendered, text, false)).join(''), whole(text));
    }),
    { numRuns: 300 },
  );
});

test('blocks are frozen only when nothing that follows can change them', () => {
  // Link definitions and footnotes reach back by design; the last rendering settles those.
  const settled = markdown.filter(
    (text) => !text.includes(']:') && !text.includes('[r]') && !text.includes('[^'),
  );
  fc.assert(
    fc.property(settled, (text) => {
      let rendered = NOTHING;
      for (let i = 1; i <= text.length; i += 1) rendered = render(rendered, text.slice(0, i), true);
      const frozen = html({ ...rendered, tail: [] });
      assert.deepEqual(frozen, html(render(NOTHING, text, false)).slice(0, frozen.length));
    }),
    { numRuns: 300, examples: [['\\[\n$$y$$\n\\[\nTitle\n===\n']] },
  );
});

test('a long answer is frozen as it grows: the tail stays two blocks', () => {
  const text = Array.from({ length: 50 }, (_, i) => `Paragraph ${i}.`).join('\n\n');
  let rendered = NOTHING;
  for (let i = 1; i <= text.length; i += 7) rendered = render(rendered, text.slice(0, i), true);
  assert.ok(rendered.frozen.length >= 46);
  assert.ok(rendered.tail.length <= 2);
});

test('half-written emphasis, code and links are shown closed, never as bare marks', () => {
  const shown = (text: string) => html(render(NOTHING, text, true)).join('');
  assert.match(shown('some **bold wor'), /<strong>bold wor<\/strong>/);
  assert.match(shown('some `code'), /<code>code<\/code>/);
  assert.doesNotMatch(shown('see [the docs](https://exam'), /https|\[/);
});

test('a fence is marked as open until it is closed', () => {
  assert.match(html(render(NOTHING, '```ts\nlet a', true)).join(''), /data-open/);
  assert.doesNotMatch(html(render(NOTHING, '```ts\nlet a\n```', true)).join(''), /data-open/);
  assert.doesNotMatch(whole('    indented'), /data-open/);
});

test('[R58] raw HTML is text, images are links, and only http and mailto addresses are links', () => {
  assert.equal(whole('<script>x</script>').includes('<script'), false);
  assert.equal(whole('a <img src=x onerror=y> b').includes('<img'), false);
  assert.match(
    whole('![cat](https://example.org/cat.png)'),
    /<a href="https:\/\/example.org\/cat.png"[^>]*>image: cat<\/a>/,
  );
  for (const href of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '/local', '#x'])
    assert.equal(whole(`[word](${href})`).includes('<a'), false, href);
  assert.match(whole('[w](https://a.example)'), /target="_blank" rel="noopener/);
  assert.match(whole('[w](mailto:a@b.example)'), /<a href="mailto:/);
  assert.equal(whole('```"><script>\nx\n```').includes('<script'), false);
});

test('headings leave h1 and h2 to the page', () => {
  assert.match(whole('# a'), /<h3>/);
  assert.match(whole('###### a'), /<h6>/);
});
