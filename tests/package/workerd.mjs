// The package inside workerd, in a Worker that imports it.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/**
 * Bundles a Worker as wrangler would, its wasm files as modules beside it, and starts it.
 *
 * @param {string} script the Worker's source
 * @param {string} folder where the source stands, for what it imports
 */
export async function openWorkerd(script, folder) {
  const wasm = new Map();
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: folder },
    bundle: true,
    format: "esm",
    write: false,
    conditions: ["workerd"],
    target: "es2022",
    plugins: [
      {
        name: "wasm modules",
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
            const name = basename(path);
            wasm.set(name, readFileSync(join(resolveDir, path)));
            return { path: `./${name}`, external: true };
          }),
      },
    ],
  });
  return new Miniflare(
    convertV4MiniflareOptions({
      compatibilityDate: "2026-10-01",
      modules: [
        { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
        ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm", path, contents })),
      ],
    }),
  );
}
