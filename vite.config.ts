import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { diagramFrame } from './src/ui/diagram/frame-page.ts';
import { serviceWorker } from './src/ui/offline/worker-plugin.ts';

/** The server that `npm run dev` shows the page of; its own origin is the one it lets in. */
const SERVER = 'http://127.0.0.1:8080';

/** Every component in every state, for `/chat/dev/components`: in no build that people are served. */
const GALLERY = file('dev/components.html');

/** Of the chat and of the operators' page, before anything is opened there. */
const IN_BOTH =
  /src\/ui\/(?:styles\/(?:tokens|base|dialog)\.css|(?:api|backoff|fault-words|view\/(?:clock|use-wide)|words\/(?:locale|in-language|language-choice))\.tsx?)$/;

/**
 * Builds the chat page into dist/ui. The server sends it under a strict policy (no inline script or style,
 * nothing from elsewhere), so nothing may be inlined: scripts, styles, icons are files with hashed names.
 */
export default defineConfig(({ command, mode }) => ({
  root: 'src/ui',
  // Built, it works under whatever path a server has it.
  base: command === 'build' ? './' : '/chat/',
  // Written for React, run by Preact: react/jsx-runtime and react-dom/client follow by their beginning.
  resolve: { alias: { react: 'preact/compat', 'react-dom': 'preact/compat' } },
  plugins: [diagramFrame(), serviceWorker()],
  server: {
    host: '127.0.0.1',
    proxy: {
      // Not api.ts, which is a file of the page.
      '^/chat/(?:(?:(?:ops/)?ws|login|logout)(?:\\?|$)|(?:api|auth|ops/capsules)/|ops/(?:charts|capsules)$)':
        {
          target: SERVER,
          ws: true,
          headers: { Origin: SERVER },
        },
    },
  },
  build: {
    outDir: '../../dist/ui',
    rolldownOptions: {
      input: {
        index: file('index.html'),
        ops: file('ops/index.html'),
        ...(isForDevelopers(mode) && { components: GALLERY }),
      },
      output: {
        // What both pages begin with is one file of each: many small ones would make the chat's larger.
        codeSplitting: { groups: [{ name: 'both', test: IN_BOTH }] },
      },
    },
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    // The page names what its script imports, so that a slow line is not asked twice; parts that are loaded later are not.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []),
    },
    target: 'es2023',
    reportCompressedSize: true,
  },
}));

function isForDevelopers(mode: string): boolean {
  return mode === 'dev' || process.env.GREENROOM_DEV === '1';
}

function file(name: string): string {
  return fileURLToPath(new URL(`src/ui/${name}`, import.meta.url));
}
