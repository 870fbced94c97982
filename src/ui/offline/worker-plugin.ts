/** Build time only: the service worker, with the list of what the page is made of put in. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';

export const FILE = 'sw.js';
/** Larger parts are for few conversations: they are kept once they are used. */
const KEPT_BYTES_MAX = 64 * 1024;
/** A page for few, and of no use without a network. */
const OPERATORS = 'ops';

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
      const others = ownOf(OPERATORS, bundle);
      const assets = Object.values(bundle).filter(
        ({ fileName }) => fileName.startsWith('assets/') && !others.has(fileName),
      );
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

/** The script of another page, and the styles that page alone has. */
function ownOf(entry: string, bundle: Rolldown.OutputBundle): Set<string> {
  const own = Object.values(bundle).filter(
    (file) => file.type === 'chunk' && file.isEntry && file.name === entry,
  );
  const names = own.flatMap((file) => [
    file.fileName,
    ...(file.type === 'chunk' ? (file.viteMetadata?.importedCss ?? []) : []),
  ]);
  return new Set(names);
}
