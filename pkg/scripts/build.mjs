// Builds dist/: one small entry per runtime over shared chunks, the wasm bytes as text for
// pages that cannot import or read a file, and the declarations.

import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { pack, packNumbers } from "./pack.mjs";
import { sorted } from "./streams.mjs";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const require = createRequire(import.meta.url);

/** Answers `import texts from "…/core.wasm?packed"` with the sorted file as text. */
const packed = {
  name: "packed",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?packed$/ }, ({ path }) => ({
      path: here(path.replace("../", "").replace("?packed", "")),
      namespace: "packed",
    }));
    onLoad({ filter: /./, namespace: "packed" }, ({ path }) => {
      const [opcodes, numbers, bytes] = sorted(readFileSync(path));
      const texts = [pack(opcodes), packNumbers(numbers), pack(bytes)];
      return { contents: JSON.stringify(texts), loader: "json" };
    });
  },
};

/** Answers `import text from "./name.js?script"` with src/name.ts, bundled to one classic script. */
const script = {
  name: "script",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.js\?script$/ }, ({ path }) => ({
      path: here(`src/${path.replace("./", "").replace(".js?script", ".ts")}`),
      namespace: "script",
    }));
    onLoad({ filter: /./, namespace: "script" }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        format: "iife",
        target: "es2022",
        platform: "neutral",
        minify: true,
        write: false,
      });
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

rmSync(here("dist"), { recursive: true, force: true });

await build({
  absWorkingDir: here("."),
  entryPoints: [
    "src/agent.node.ts",
    "src/agent.workerd.ts",
    "src/agent.browser.ts",
    "src/catalog.node.ts",
    "src/catalog.workerd.ts",
    "src/catalog.browser.ts",
    "src/index.node.ts",
    "src/index.workerd.ts",
    "src/index.browser.ts",
    "src/lab.node.ts",
    "src/lab.workerd.ts",
    "src/lab.browser.ts",
    "src/cli.ts",
    "src/slim.ts",
    "src/sync-api.ts",
    "src/url.ts",
  ],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  mainFields: ["module", "main"],
  external: ["node:*", "../wasm/*.wasm"],
  chunkNames: "chunk-[hash]",
  minify: true,
  legalComments: "none",
  sourcemap: true,
  plugins: [packed, script],
});

execFileSync(
  process.execPath,
  [require.resolve("typescript/bin/tsc"), "-p", here("tsconfig.json")],
  {
    stdio: "inherit",
  },
);

for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  copyFileSync(here(`../${name}`), here(`dist/${name}`));
}
// idb is bundled, so that a page needs no import map; its licence travels with it.
copyFileSync(new URL("../LICENSE", import.meta.resolve("idb")), here("dist/idb.LICENSE.txt"));
