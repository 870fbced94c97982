import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).sort();
const TESTS = globSync('test/**/*.{test,spec}.ts', { cwd: ROOT }).sort();
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Import {
  readonly from: string;
  /** A file of ours, relative to the root, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const code = textOf(file).replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
  const statements = /(?:^|\n)\s*(?:import|export)\s+([^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/g;
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;
  const found = [
    ...[...code.matchAll(statements)].map(([, clause = '', to = '']) => ({ clause, to })),
    ...[...code.matchAll(dynamic)].map(([, to = '']) => ({ clause: '', to })),
  ];
  return found.map(({ clause, to }) => {
    const named = /^\{([\s\S]*)\}/
      .exec(clause.trim())?.[1]
      ?.split(',')
      .map((name) => name.trim());
    const typeOnly =
      clause.trim().startsWith('type ') ||
      (named?.filter((name) => name !== '').every((name) => name.startsWith('type ')) ?? false);
    const path = to.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(file), to))) : to;
    return { from: file, to: path, typeOnly };
  });
}

const ALL = SOURCES.flatMap(importsOf);
const OWN = ALL.filter(({ to }) => to.startsWith('src/'));
const folderOf = (file: string) => file.split('/').slice(1, -1)[0] ?? '';

test('the imports of the source are found', () => {
  assert.ok(OWN.length > 100);
  for (const { from, to } of OWN)
    assert.ok(to.endsWith('.css') || SOURCES.includes(to), `${from} imports ${to}`);
});

/** Folders a folder may know at run time. Types of the protocol, and faults, are for all. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  claude: ['claude'],
  store: ['store'],
  telemetry: ['telemetry'],
  machines: ['machines', 'claude', 'store'],
  files: ['files'],
  transport: ['transport', 'machines', 'store', 'files'],
  ui: ['ui'],
};

/** Folders whose types alone a folder may know besides. */
const MAY_KNOW_TYPES: Readonly<Record<string, readonly string[]>> = {
  machines: ['telemetry'],
  transport: ['telemetry', 'claude'],
};

const FOR_ALL = ['src/faults.ts', 'src/shared.ts', 'src/tokens.ts', 'src/within.ts'];
/** The wire: what clients send and are sent. */
const WIRE = [
  'src/transport/protocol.ts',
  'src/transport/views.ts',
  'src/transport/ops/protocol.ts',
];

test('each layer knows only those below it', () => {
  const strangers = OWN.filter(({ from, to, typeOnly }) => {
    const [mine, theirs] = [folderOf(from), folderOf(to)];
    const allowed = MAY_KNOW[mine];
    if (allowed === undefined || FOR_ALL.includes(to) || allowed.includes(theirs)) return false;
    if (WIRE.includes(to) && typeOnly) return false;
    return !(typeOnly && MAY_KNOW_TYPES[mine]?.includes(theirs));
  });
  assert.deepEqual(
    strangers.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('only the wiring knows which store it is', () => {
  const knowing = OWN.filter(
    ({ from, to }) =>
      /^src\/store\/(memory|sqlite|postgres)/.test(to) &&
      !from.startsWith('src/store/') &&
      !from.startsWith('src/cli/') &&
      from !== 'src/main.ts',
  );
  assert.deepEqual(knowing, []);
});

test('the user interface knows the protocol by its types alone', () => {
  const others = OWN.filter(
    ({ from, to, typeOnly }) =>
      folderOf(from) === 'ui' &&
      folderOf(to) !== 'ui' &&
      to !== 'src/faults.ts' &&
      !(WIRE.includes(to) && typeOnly),
  );
  assert.deepEqual(others, []);
});

test('the protocol is types only', () => {
  for (const file of WIRE) {
    assert.deepEqual(
      importsOf(file).filter(({ typeOnly }) => !typeOnly),
      [],
    );
    assert.doesNotMatch(textOf(file), /^export (?:const|function|class|let|default|enum)/m);
  }
});

test('only main.ts reads the process’s environment', () => {
  const readers = SOURCES.filter((file) =>
    /process\s*\.\s*env\b|\benv\s*\}\s*=\s*process|from 'node:process'/.test(textOf(file)),
  );
  assert.deepEqual(readers, ['src/main.ts']);
});

test('only main.ts and the programs it starts end the process', () => {
  const enders = SOURCES.filter((file) => /process\s*\.\s*exit\(/.test(textOf(file)));
  assert.deepEqual(enders, ['src/claude/demo-agent.ts', 'src/main.ts']);
});

test('no import goes round in a circle at run time', () => {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly } of OWN)
    if (!typeOnly) edges.set(from, [...(edges.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of SOURCES) visit(file, []);
  assert.deepEqual(circles, []);
});

test('a file is one idea: none is over 250 lines', () => {
  const long = SOURCES.filter((file) => file.endsWith('.ts') || file.endsWith('.tsx'))
    .map((file) => ({ file, lines: textOf(file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 250);
  assert.deepEqual(long, []);
});

test('no user text reaches a shell or an argument list: processes start in few places, without one', () => {
  const starters = ALL.filter(({ to }) => to === 'node:child_process').map(({ from }) => from);
  for (const file of starters) {
    assert.match(file, /^src\/claude\//);
    const [, names = ''] = /import \{([^}]*)\} from 'node:child_process'/.exec(textOf(file)) ?? [];
    assert.doesNotMatch(names, /\bexec\b|Sync\b/, `${file} imports ${names}`);
    assert.doesNotMatch(textOf(file), /shell:/, file);
  }
});

test('every rule that a test names exists', () => {
  const protocol = textOf('PROTOCOL.md');
  const rules = new Set([...protocol.matchAll(/\*\*([A-Z]{2}\d+)\*\*/g)].map(([, rule]) => rule));
  // R: what must hold of the whole system, 1 to 63. P: speed, 1 to 8.
  const isNumbered = (rule: string) => {
    const [, kind = '', number = ''] = /^([RP])(\d+)$/.exec(rule) ?? [];
    return Number(number) >= 1 && Number(number) <= (kind === 'R' ? 63 : kind === 'P' ? 8 : 0);
  };
  const named = TESTS.flatMap((file) =>
    [...textOf(file).matchAll(/\b(?:test|it)\(\s*['"`]((?:\[[^\]]*\]\s*)+)/g)].flatMap(([, tags]) =>
      [...(tags ?? '').matchAll(/[A-Z]{1,2}\d+/g)].map(([rule]) => ({ file, rule })),
    ),
  );
  assert.ok(named.length > 50);
  assert.deepEqual(
    named.filter(({ rule }) => !isNumbered(rule) && !rules.has(rule)),
    [],
  );
});

test('no test is switched off, and none runs alone', () => {
  const skipping = TESTS.filter((file) =>
    /\b(?:test|it|describe)\.(?:skip|todo|only)\(/.test(textOf(file)),
  );
  assert.deepEqual(skipping, []);
});
