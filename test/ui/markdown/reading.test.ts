import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING, type Rendered, render } from '../../../src/ui/markdown/blocks.ts';
import { toMathML } from '../../../src/ui/markdown/katex.ts';
import { texOf } from '../../../src/ui/markdown/math.ts';
import { compare } from '../../../src/ui/view/diff-lines.ts';
import { ATTACKS, HONEST_LINKS, LYING_LINKS } from './corpus/attacks.ts';

const html = ({ frozen, tail }: Rendered) =>
  [...frozen, ...tail].map((block) => block.html).join('');
const whole = (text: string) => html(render(NOTHING, text, false));
const growing = (text: string) => html(render(NOTHING, text, true));
const formulas = (text: string) =>
  [...whole(text).matchAll(/data-math="(\w+)">([^<]*)</g)].map(([, kind, source]) => [
    kind,
    source,
  ]);

test('maths is found in all its marks, in lines and on display', () => {
  assert.deepEqual(formulas('a $x_1 + y_2$ b \\(z\\) c'), [
    ['inline', '$x_1 + y_2$'],
    ['inline', '\\(z\\)'],
  ]);
  assert.deepEqual(formulas('$$\nx\n- y\n$$\n\n\\[\nz\n\\]\n\n- $$w$$'), [
    ['block', '$$\nx\n- y\n$$'],
    ['block', '\\[\nz\n\\]'],
    ['block', '$$w$$'],
  ]);
  assert.deepEqual(['$x$', '$$x$$', '\\(x\\)', '\\[ x \\]'].map(texOf), ['x', 'x', 'x', 'x']);
});

test('prices, code and escaped marks are no maths', () => {
  for (const text of [
    '$5 and $6',
    'from $5-$6',
    'costs 5$ or 6$ more',
    '`$x$` and `\\(y\\)`',
    '```\n$$\nx\n$$\n```',
    '    $x$',
    '\\$x\\$',
    '$a `b$` c',
    '$ x $',
    '$$',
  ])
    assert.deepEqual(formulas(text), [], text);
});

test('a half-written formula shows its source, whatever it looks like', () => {
  const shown = (text: string) => growing(text).replace(/<\/?p>|\n$/g, '');
  assert.equal(shown('so \\(a_1 *b* [c'), 'so \\(a_1 *b* [c');
  assert.equal(shown('so $a*b*c'), 'so $a*b*c');
  assert.equal(shown('$$\na\n- b\n# c'), '$$\na\n- b\n# c');
  for (const fence of ['```sh', '- a\n\n  ~~~sh'])
    assert.match(growing(`${fence}\n  one\n\n  echo $HOME`), /echo \$HOME/);
  assert.match(shown('pay $5 and **more'), /<strong>more<\/strong>/);
});

test('a wrong or endless formula gives nothing, and none gives links, styles or pictures', () => {
  for (const tex of ['\\frac{', '\\nothing', '\\def\\a{\\a\\a}\\a', 'x'.repeat(6_000)])
    assert.equal(toMathML(tex, false), null, tex.slice(0, 20));
  assert.match(toMathML('\\frac{a}{b}', true) ?? '', /<mfrac>/);
  for (const tex of ['\\href{https://e.example}{x}', '\\fcolorbox{red}{blue}{y}', '\\htmlId{a}{x}'])
    assert.doesNotMatch(toMathML(tex, false) ?? '', /\s(?:href|style|id)=/);
});

test('footnotes are numbered as they are named, and gathered at the end', () => {
  const text =
    'B[^b] a[^a] b[^b] none[^none].\n\n[^a]: First *a*.\n[^b]: Second,\n    more.\n\nAfter.';
  const out = whole(text).replace(/<span class="hidden">[^<]*<\/span>/g, '');
  assert.deepEqual(
    [...out.matchAll(/class="note-ref" data-note="(\d)"/g)].map(([, n]) => n),
    ['1', '2', '1'],
  );
  assert.match(out, /none\[\^none\]/);
  assert.match(out, /<p>After\.<\/p>\s*<div class="footnotes"><ol><li[^>]*="1"><p>Second,\nmore\./);
  assert.doesNotMatch(out, / id=| href=/);
  assert.match(growing('See[^x]'), /See<sup>x<\/sup>/);
});

test('a footnote written inside a quotation is gathered too, and shown once', () => {
  const out = whole('See[^q].\n\n> Said.\n>\n> [^q]: The source.\n');
  assert.equal(out.split('The source.').length, 2);
  assert.match(out, /<ol><li[^>]*="1"><p>The source\./);
});

test('tasks are checkboxes that say whether they are done', () => {
  const out = whole('- [x] one\n- [ ] two');
  assert.match(out, /role="checkbox" aria-checked="true" aria-disabled="true" aria-label="done"/);
  assert.match(out, /aria-checked="false" aria-disabled="true" aria-label="to do"/);
});

test('code of more than 200 lines is folded, once its fence is closed', () => {
  const lines = 'x\n'.repeat(1_200);
  assert.match(whole(`\`\`\`\n${lines}\`\`\``), /class="code folded".*Show all 1,200 lines/s);
  assert.doesNotMatch(growing(`\`\`\`\n${lines}`), /folded/);
  assert.match(whole('```mermaid\npie\n```'), /Draw the diagram/);
  assert.doesNotMatch(growing('```mermaid\npie'), /Draw the diagram/);
});

test('[R58] a link that seems to lead elsewhere shows where it leads; an honest one is left alone', () => {
  for (const [text, host] of LYING_LINKS)
    assert.ok(whole(text).includes(`<span class="link-host">(${host})</span>`), whole(text));
  for (const text of HONEST_LINKS) assert.doesNotMatch(whole(text), /link-host/, text);
});

test('[R58] whatever a text tries, its HTML has only known tags and attributes, and addresses of known kinds', () => {
  const TAGS =
    /^(a|blockquote|br|button|code|del|div|em|h[3-6]|hr|li|ol|p|pre|span|strong|sup|table|tbody|td|th|thead|tr|ul)$/;
  for (const text of ATTACKS)
    for (const out of [whole(text), growing(text)])
      for (const [, tag = '', attributes = ''] of out.matchAll(/<([a-z][^\s/>]*)([^>]*)>/gi)) {
        assert.match(tag, TAGS, text);
        const names = [...attributes.matchAll(/\s([^\s=]+)="[^"]*"/g)].map(([, name]) => name);
        for (const name of names)
          assert.match(
            name ?? '',
            /^(href|title|target|rel|class|type|start|tabindex|role|aria-\w+|data-[\w-]+)$/,
            text,
          );
        const href = /\shref="([^"]*)"/.exec(attributes)?.[1];
        if (href !== undefined) assert.match(href, /^(https?:\/\/|mailto:)/i, text);
      }
});

test('a changed line marks the words that changed; lines with nothing in common are marked whole', () => {
  const lines = compare({ path: 'a', before: 'let a = 1;\nsame\n', after: 'let a = 2;\nsame\n' });
  assert.deepEqual(
    lines.map(({ mark, parts }) => [mark, parts.filter((p) => p.isChanged).map((p) => p.text)]),
    [
      ['-', ['1']],
      ['+', ['2']],
      [' ', []],
    ],
  );
  const other = compare({ path: 'a', before: 'alpha beta\n', after: 'gamma;\n' });
  assert.ok(other.every(({ parts }) => parts.length === 1 && !parts[0]?.isChanged));
});
