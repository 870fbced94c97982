/** Build time only: the service worker, with the list of what the page is made of put in. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

export const FILE = 'sw.js';
/** Larger parts are for few conversations: they are kept once they are used. */
const KEPT_BYTES_MAX = 64 * 1024;

export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    buildStart() {
      const id = fileURLToPath(new URL('./worker.ts', import.meta.url));
      this.emitFile({ type: 'chunk', id, fileName: FILE });
    },
    generateBundle(_, bundle) {
      const worker = bundle[FILE];
      const page = bundle['index.html'];
      if (worker?.type !== 'chunk' || page?.type !== 'asset') throw new Error('no worker, no page');
      if (worker.imports.length > 0) throw new Error(`${FILE} must stand alone`);
      const html = String(page.source);
      const assets = Object.values(bundle).filter(({ fileName }) => fileName.startsWith('assets/'));
      const kept = assets
        .filter((file) => {
          const content = file.type === 'chunk' ? file.code : file.source;
          return html.includes(file.fileName) || content.length <= KEPT_BYTES_MAX;
        })
        .map(({ fileName }) => fileName)
        .sort();
      const version = createHash('sha256').update(html).update(kept.join()).digest('base64url');
      const shell = JSON.stringify({ version: version.slice(0, 12), files: ['./', ...kept] });
      worker.code = `const SHELL=${shell};\n${worker.code}`;
    },
  };
}
