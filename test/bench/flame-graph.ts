/**
 * A CPU profile of V8 as a flame graph: an SVG that any page can show. A box is a function and as wide as the time in it
 * and in what it called; what is wider than its boxes above was busy itself. Time in which nothing ran is left out.
 */
import type { Profiler } from 'node:inspector';

const WIDTH = 1_200;
const ROW = 17;
const CHAR = 6.4;
/** Narrower than this nobody sees. */
const WIDTH_MIN = 0.6;

interface Frame {
  readonly name: string;
  us: number;
  readonly calls: Map<string, Frame>;
}

export function flameGraph(profile: Profiler.Profile, title: string): string {
  const root = fold(profile);
  const boxes = [...boxesOf(root, 0, 0, WIDTH / root.us)];
  const height = (Math.max(...boxes.map(({ depth }) => depth)) + 2) * ROW + 12;
  const drawn = boxes.map(({ frame, x, depth, width }) => {
    const y = height - (depth + 1) * ROW - 4;
    const part = `${((100 * frame.us) / root.us).toFixed(1)} %`;
    const shown = frame.name.slice(0, Math.max(0, Math.floor((width - 4) / CHAR)));
    const text =
      shown.length > 2 ? `<text x="${x + 2}" y="${y + 12}">${escaped(shown)}</text>` : '';
    return (
      `<g><title>${escaped(frame.name)} ${part}</title><rect x="${x}" y="${y}" width="${width}" ` +
      `height="${ROW - 1}" fill="${colourOf(frame.name)}"/>${text}</g>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `font-family="monospace" font-size="10.5"><title>${escaped(title)}</title>` +
    `<rect width="100%" height="100%" fill="#fff"/><text x="4" y="13" font-size="12">${escaped(title)}</text>` +
    `${drawn.join('\n')}</svg>\n`
  );
}

function fold({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Frame {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const root: Frame = { name: 'all', us: 0, calls: new Map() };
  for (const [i, sample] of samples.entries()) {
    const stack: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id))
      stack.push(names.get(id) ?? '');
    if (stack[0] === '(idle)' || stack.some((name) => name.includes('profiler.ts'))) continue;
    let frame = root;
    const us = timeDeltas[i] ?? 0;
    frame.us += us;
    for (const name of stack.reverse().slice(1)) {
      const called: Frame = frame.calls.get(name) ?? { name, us: 0, calls: new Map() };
      frame.calls.set(name, called);
      called.us += us;
      frame = called;
    }
  }
  return root;
}

function nameOf({
  functionName,
  url,
  lineNumber,
}: {
  functionName: string;
  url: string;
  lineNumber: number;
}) {
  const place = url.replace(/^.*\/(?=(?:src|test)\/)|^.*\/node_modules\//, '');
  const name = functionName === '' ? 'anonymous' : functionName;
  return place === '' ? name : `${name} ${place}:${lineNumber + 1}`;
}

function* boxesOf(
  frame: Frame,
  from: number,
  depth: number,
  scale: number,
): IterableIterator<{ frame: Frame; x: number; depth: number; width: number }> {
  const width = Number((frame.us * scale).toFixed(1));
  if (width < WIDTH_MIN) return;
  yield { frame, x: Number(from.toFixed(1)), depth, width };
  let at = from;
  for (const called of frame.calls.values()) {
    yield* boxesOf(called, at, depth + 1, scale);
    at += called.us * scale;
  }
}

/** Ours, packages, Node, and what V8 and the system do. */
function colourOf(name: string): string {
  if (name.includes(' src/')) return '#ffb74d';
  if (name.includes(' node:')) return '#aed581';
  if (name.includes('.js:') || name.includes('.cjs:')) return '#90caf9';
  return '#e0e0e0';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
