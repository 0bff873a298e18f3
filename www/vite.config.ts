import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { precache } from "./build/precache.ts";
import { pageFiles, preload, shell } from "./build/shell.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root,
  appType: "mpa",
  worker: { format: "es" },
  plugins: [shell(root), preload(root), precache()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // One style sheet for all pages: nothing moves when a page is reached without loading.
    cssCodeSplit: false,
    // An inlined asset would be a `data:` address, which the content security policy refuses.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: [...pageFiles(root), fileURLToPath(new URL("sw/sw.ts", import.meta.url))],
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        // Most come for the first page: it loads one script, not seven in a row.
        codeSplitting: { groups: [{ name: "main", test: /\/src\/(main|listen\/view)\.ts$/ }] },
      },
    },
  },
});
