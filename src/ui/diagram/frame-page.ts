/** Build time only: the page of the frame that draws diagrams, whole in one file. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const FILE = 'diagram/frame.html';
const read = (url: string) => readFileSync(fileURLToPath(url), 'utf8');

/**
 * The library and our own lines stand in the page itself. A frame whose origin is nobody's sends no sign-in with the
 * scripts it asks for, so they would have to be served to all; in one page they come with it, and its policy can
 * name the one script by its hash.
 */
function framePage(): string {
  const library = read(import.meta.resolve('mermaid/dist/mermaid.min.js'));
  const own = read(new URL('./frame.js', import.meta.url).href);
  const script = `${library}\n{${own}}`.replace(/<(\/script|script|!--)/gi, '\\x3c$1');
  const [before, after] = read(new URL('./frame.html', import.meta.url).href).split('</script>');
  return `${before}${script}</script>${after}`;
}

export function diagramFrame(): Plugin {
  return {
    name: 'diagram-frame',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: FILE, source: framePage() });
    },
    configureServer({ middlewares, config }) {
      middlewares.use(`${config.base}${FILE}`, (_, response) => {
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(framePage());
      });
    },
  };
}
