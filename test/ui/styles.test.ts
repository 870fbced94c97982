import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const UI = fileURLToPath(new URL('../../src/ui', import.meta.url));
const read = (file: string) => readFileSync(join(UI, file), 'utf8');
/** Those that have been gone through for pages from right to left. */
const MIRRORED =
  /(?:account|activity|approvals|base|cards|dialog|files|layout|limits|markdown|messages|ops(?:-\w+)?|palette|sidebar|tools)\.css$/;
const STYLES = globSync('styles/*.css', { cwd: UI }).sort();
const rulesOf = (file: string) => read(file).replace(/\/\*[\s\S]*?\*\//g, '');

test('colours are said in tokens.css alone', () => {
  const raw = STYLES.filter((file) => !file.endsWith('tokens.css')).flatMap((file) =>
    (
      rulesOf(file).match(/#[0-9a-f]{3,8}\b(?=[^{]*;)|\b(?:rgb|rgba|hsl|oklch)\([^)]*\)/gi) ?? []
    ).map((colour) => `${file}: ${colour}`),
  );
  assert.deepEqual(raw, []);
});

test('every token is used, and every one that is used is there', () => {
  const all = STYLES.map(rulesOf).join('\n');
  const [made, used] = [/(--[\w-]+):/g, /var\((--[\w-]+)/g].map(
    (pattern) => new Set([...all.matchAll(pattern)].map(([, name]) => name)),
  );
  assert.deepEqual(
    [...made!].filter((name) => !used!.has(name)),
    [],
  );
  assert.deepEqual(
    [...used!].filter((name) => !made!.has(name)),
    [],
  );
});

test('nothing says left or right where the beginning or end of a line is meant', () => {
  const sides = /(?:margin|padding|border)-(?:left|right)\b|text-align: (?:left|right)/g;
  const said = STYLES.filter((file) => MIRRORED.test(file)).flatMap((file) =>
    (rulesOf(file).match(sides) ?? []).map((it) => `${file}: ${it}`),
  );
  assert.deepEqual(said, []);
});

test('a class that has a style is one that the page gives', () => {
  const source = globSync(['index.html', '**/*.{ts,tsx}'], { cwd: UI, exclude: ['dev/**'] })
    .map(read)
    .join('\n');
  // Made by libraries, or of parts: `bone w70`, `hljs-keyword`.
  const made = /^(?:hljs|w\d|footnote|sr-only|katex|mermaid)/;
  const words = new Set(source.match(/[\w-]+/g));
  const parts = [...source.matchAll(/\b([a-z]+-)\$\{/g)].map(([, part]) => part ?? '');
  const dead = STYLES.flatMap((file) =>
    [
      ...new Set(
        rulesOf(file)
          .replace(/\{[^{}]*\}/g, '{}')
          .match(/\.[a-z][\w-]*/g),
      ),
    ]
      .map((name) => name.slice(1))
      .filter((name) => !made.test(name) && !words.has(name))
      .filter((name) => !parts.some((part) => name.startsWith(part)))
      .map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(dead, []);
});
