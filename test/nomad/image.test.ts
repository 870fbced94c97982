/** The image, by its Dockerfile: `npm run test:image` builds it. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { run as lint } from 'dockerfilelint';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const TEXT = read('Dockerfile');
const { devDependencies, dependencies } = JSON.parse(read('package.json'));

interface Stage {
  readonly name: string;
  readonly image: string;
  readonly instructions: Instruction[];
}

function stages(): Stage[] {
  const found: Stage[] = [];
  for (const instruction of DockerfileParser.parse(TEXT).getInstructions()) {
    const [image = '', , name = ''] = words(instruction);
    if (instruction.getKeyword() === 'FROM') found.push({ name, image, instructions: [] });
    else found.at(-1)?.instructions.push(instruction);
  }
  return found;
}

function words(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

/** A stage and all that it is built on, first things first. */
function lineage(name: string): Instruction[] {
  const stage = stages().find((candidate) => candidate.name === name);
  return stage ? [...lineage(stage.image), ...stage.instructions] : [];
}

const last = (stage: string, keyword: string) =>
  lineage(stage).findLast((instruction) => instruction.getKeyword() === keyword);

/** By name, as an ARG's default. */
function argument(name: string): string {
  const [, value = ''] = new RegExp(`^ARG ${name}=(.+)$`, 'm').exec(TEXT) ?? [];
  return value;
}

test('the linter finds nothing', () => {
  const text = TEXT.replaceAll(/\$\{BASE_IMAGE\}/g, argument('BASE_IMAGE'));
  const lines = text.split('\n');
  const names = stages().map(({ name }) => name);
  const found = lint(ROOT, text).filter(
    // A stage of one's own has no tag.
    ({ rule, line }) =>
      rule !== 'missing_tag' || !names.includes(lines[line - 1]?.split(' ')[1] ?? ''),
  );
  assert.deepEqual(found, []);
});

test('it is built on one image, pinned to the Node that this version was tested with', () => {
  const names = stages().map(({ name }) => name);
  assert.deepEqual(names, ['packages', 'page', 'app', 'claude']);
  for (const { image } of stages())
    assert.ok(/^\$\{BASE_IMAGE\}$/.test(image) || names.includes(image));
  assert.ok(argument('BASE_IMAGE').includes(`:${devDependencies.node}-`));
  assert.equal(argument('CLAUDE_CODE_VERSION'), devDependencies['@anthropic-ai/claude-code']);
});

for (const stage of ['app', 'claude']) {
  test(`what is built of ${stage} runs as a user without rights, under an init, and is stopped as it drains`, () => {
    const [user = ''] = words(last(stage, 'USER') as Instruction);
    assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(lineage(stage).at(-1)?.getKeyword() === 'RUN', false, 'nothing after USER');
    const entry = JSON.parse(last(stage, 'ENTRYPOINT')?.getArgumentsContent() ?? '');
    assert.deepEqual(entry, ['tini', '-s', '--', '/app/bin/greenroom']);
    assert.deepEqual(JSON.parse(last(stage, 'CMD')?.getArgumentsContent() ?? ''), ['serve']);
    assert.deepEqual(words(last(stage, 'STOPSIGNAL') as Instruction), ['SIGTERM']);
  });
}

test('what was compiled at the build is found by the user who runs it, who can change none of it', () => {
  const [user = ''] = words(last('app', 'USER') as Instruction);
  const [uid, gid] = user.split(':');
  const [, kept] = /NODE_COMPILE_CACHE-\$here\/([\w/]+)/.exec(read('bin/greenroom')) ?? [];
  const first = lineage('app')
    .filter((instruction) => instruction.getKeyword() === 'RUN')
    .map((instruction) => instruction.getArgumentsContent() ?? '')
    .find((run) => run.includes(`install -d -o ${uid} -g ${gid} ${kept}`));
  assert.match(first ?? '', new RegExp(`setpriv --reuid ${uid} --regid ${gid} .* bin/greenroom`));
  assert.match(first ?? '', new RegExp(`chown -R 0:0 ${kept}`));
});

test('all that is copied exists, and .dockerignore lets it in and nothing else', () => {
  const [everything, ...letIn] = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(everything, '*');
  const copied = new Set<string>();
  const earlier: string[] = [];
  for (const { name, instructions } of stages()) {
    for (const instruction of instructions) {
      assert.notEqual(instruction.getKeyword(), 'ADD');
      if (instruction.getKeyword() !== 'COPY') continue;
      const from = /--from=(\S+)/.exec(instruction.getTextContent())?.[1];
      if (from !== undefined) assert.ok(earlier.includes(from), from);
      else
        for (const source of words(instruction).slice(0, -1)) copied.add(source.replace('./', ''));
    }
    earlier.push(name);
  }
  for (const source of copied) assert.ok(existsSync(join(ROOT, source)), source);
  assert.deepEqual([...copied].sort(), letIn.map((line) => line.replace(/^!/, '')).sort());
});

test('[R54] no secret is built in', () => {
  const names = DockerfileParser.parse(TEXT)
    .getInstructions()
    .filter((instruction) => ['ENV', 'ARG'].includes(instruction.getKeyword()))
    .flatMap((instruction) => words(instruction).map((word) => word.split('=')[0] ?? ''));
  assert.ok(names.length >= 3);
  for (const name of names) assert.doesNotMatch(name, /SECRET|TOKEN|KEY|PASSWORD/i);
});

test('the server runs with the packages that are installed without those for development', () => {
  const needed = new Set<string>();
  for (const file of globSync('src/**/*.ts', { cwd: ROOT })) {
    if (file.startsWith('src/ui/')) continue;
    const imports = /^(?:import|export)\s+(?!type\b)[^;'"]*?from\s+'([^'.][^']*)'/gm;
    for (const [, name = ''] of read(file).matchAll(imports)) {
      if (name.startsWith('node:')) continue;
      needed.add(
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    }
  }
  assert.ok(needed.size > 5);
  assert.deepEqual(
    [...needed].filter((name) => !(name in dependencies)),
    [],
  );
});
