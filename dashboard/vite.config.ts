// How the dashboard is built: into dashboard/dist/, with nothing inlined, as the content security policy asks.

import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** Where `vite dashboard` finds a broker while the page is worked on. */
const broker = 'http://127.0.0.1:8080'

function page(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

export default defineConfig({
  root: page('.'),
  plugins: [svelte()],
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // Data URLs are refused by `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The console, and the page that documents the admin API, which needs no login.
    rolldownOptions: { input: { index: page('index.html'), 'api-docs': page('api-docs.html') } },
  },
  server: {
    proxy: {
      '/start.json': broker,
      '/health': broker,
      '/api/v1': broker,
      '/mqtt': { target: broker, ws: true },
    },
  },
})
