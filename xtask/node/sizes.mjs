// Measures what was built. Prints one JSON object: {part: {raw, gzip, brotli}}, in bytes.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "../..");

function measure(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

/** Everything that a page loads at once for an import: what a bundler makes of it. */
async function bundle(statement) {
  const { outputFiles } = await build({
    stdin: { contents: statement, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].contents;
}

const file = (name) => readFile(path.join(ROOT, name));
const sizes = {
  core: measure(await file("pkg/wasm/core.wasm")),
  moodloop: measure(await bundle('export { Moodloop } from "moodloop";')),
  agent: measure(await bundle('export * from "moodloop/agent";')),
  worker: measure(
    Buffer.concat([await file("worker/dist/worker.js"), await file("worker/dist/worker.wasm")]),
  ),
};
console.log(JSON.stringify(sizes));
