/** `npm run test:image`: builds the image and looks at what is in it. BASE_IMAGE names another base. Takes minutes. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAME = 'localhost/greenroom-test';
const missing = spawnSync('buildah', ['--version']).error !== undefined;

const buildah = (...args: string[]) =>
  execFileSync('buildah', args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test('the image is built, and its server runs as its user', {
  skip: missing && 'buildah is not installed',
  timeout: 900_000,
}, () => {
  const base = process.env.BASE_IMAGE;
  const where = base ? ['--pull-never', '--build-arg', `BASE_IMAGE=${base}`] : [];
  buildah('bud', '--isolation', 'chroot', ...where, '--target', 'app', '--tag', NAME, '.');
  const container = buildah('from', '--pull-never', NAME).trim();
  try {
    const run = (...args: string[]) =>
      buildah('run', '--isolation', 'chroot', container, '--', ...args).trim();
    assert.equal(run('id', '-u'), '10001');
    assert.match(run('/app/bin/greenroom', '--version'), /^\d+\.\d+\.\d+$/);
    assert.match(run('tini', '--version'), /tini/);
    assert.equal(run('stat', '-c', '%u %a', '/data'), '10001 700');
    assert.equal(run('sh', '-c', 'touch /app/x 2>/dev/null || echo refused'), 'refused');
  } finally {
    buildah('rm', container);
  }
});
