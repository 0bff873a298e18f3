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

/**
 * Everything that a page loads at once for a statement: what a bundler makes of it, without the
 * chunks that are imported later, on demand.
 */
async function loadedAtOnce(statement) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: statement, resolveDir: ROOT, sourcefile: "page.js" },
    absWorkingDir: ROOT,
    outdir: "bundle",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const [entry] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint);
  const needed = new Set([entry]);
  for (const name of needed) {
    for (const { path: imported, kind } of metafile.outputs[name].imports) {
      if (kind === "import-statement") {
        needed.add(imported);
      }
    }
  }
  const contents = new Map(
    outputFiles.map(({ path: name, contents }) => [path.relative(ROOT, name), contents]),
  );
  return [...needed].map((name) => contents.get(name));
}

/** The sum over files that are compressed one by one. */
function sum(files) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const sizes of files.map(measure)) {
    for (const form of Object.keys(total)) {
      total[form] += sizes[form];
    }
  }
  return total;
}

const file = (name) => readFile(path.join(ROOT, name));
const sizes = {
  core: sum([await file("pkg/wasm/core.wasm")]),
  moodloop: sum(await loadedAtOnce('export { Moodloop } from "moodloop";')),
  agent: sum(await loadedAtOnce('export * from "moodloop/agent";')),
  worker: sum([await file("worker/dist/worker.js"), await file("worker/dist/worker.wasm")]),
};
console.log(JSON.stringify(sizes));
