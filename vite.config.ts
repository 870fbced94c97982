import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * Builds the chat page into dist/ui. The server sends it under a strict policy (no inline script or style,
 * nothing from elsewhere), so nothing may be inlined: scripts, styles, icons are files with hashed names.
 */
export default defineConfig({
  root: 'src/ui',
  base: '/chat/',
  plugins: [react()],
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2023',
    reportCompressedSize: true,
  },
});
