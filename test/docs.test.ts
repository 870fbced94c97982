import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = globSync(['*.md', 'docs/**/*.md', 'nomad/**/*.md'], { cwd: ROOT });

/** As forges make it of a heading. */
function anchorOf(heading: string): string {
  const text = heading.toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '');
  return text.replaceAll(' ', '-');
}

for (const page of PAGES)
  test(`every link of ${page} leads somewhere`, () => {
    const text = readFileSync(join(ROOT, page), 'utf8').replace(/```.*?```/gs, '');
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = '']) => link);
    const dead = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      if (anchor === undefined) return false;
      const headings = readFileSync(join(ROOT, target), 'utf8').match(/^#+ .*/gm) ?? [];
      return !headings.some((line) => anchorOf(line.replace(/^#+ /, '')) === anchor);
    });
    assert.deepEqual(dead, []);
  });
