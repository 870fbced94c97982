import { defineConfig } from 'vite';
import { diagramFrame } from './src/ui/diagram/frame-page.ts';

/** The server that `npm run dev` shows the page of; its own origin is the one it lets in. */
const SERVER = 'http://127.0.0.1:8080';

/**
 * Builds the chat page into dist/ui. The server sends it under a strict policy (no inline script or style,
 * nothing from elsewhere), so nothing may be inlined: scripts, styles, icons are files with hashed names.
 */
export default defineConfig(({ command }) => ({
  root: 'src/ui',
  // Built, it works under whatever path a server has it.
  base: command === 'build' ? './' : '/chat/',
  // Written for React, run by Preact: react/jsx-runtime and react-dom/client follow by their beginning.
  resolve: { alias: { react: 'preact/compat', 'react-dom': 'preact/compat' } },
  plugins: [diagramFrame()],
  server: {
    host: '127.0.0.1',
    proxy: {
      '^/chat/(ws|api|auth|login|logout)': {
        target: SERVER,
        ws: true,
        headers: { Origin: SERVER },
      },
    },
  },
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2023',
    reportCompressedSize: true,
  },
}));
