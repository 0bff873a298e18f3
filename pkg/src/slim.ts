import startCatalog from "../wasm/catalog.js";
import startCore, { type InitInput } from "../wasm/core.js";
import { MoodloopError } from "./error.js";
import { rankWith } from "./ranking.js";

export * from "./moodloop-api.js";

/** A wasm file: its address, a response, its bytes, or a compiled module. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Starts the package with wasm files that the page placed itself. Must have resolved before
 * anything else of `moodloop/slim` is used.
 *
 * ```js
 * import { readFileSync } from "node:fs";
 * import { Agent, init } from "moodloop/slim";
 *
 * await init(readFileSync(new URL(import.meta.resolve("moodloop/core.wasm"))));
 * new Agent().free();
 * ```
 *
 * @param core The file `moodloop/core.wasm`.
 * @param catalog The file `moodloop/catalog.wasm`, loaded when something is ranked for the first time.
 * @throws MoodloopError `internal` when a file cannot be fetched or is no wasm file.
 */
export async function init(core: WasmSource, catalog?: WasmSource): Promise<void> {
  try {
    await startCore({ module_or_path: core as InitInput });
  } catch (error) {
    throw MoodloopError.from(error);
  }
  if (catalog !== undefined) {
    rankWith(async () => {
      await startCatalog({ module_or_path: catalog as InitInput });
      return import("./catalog-api.js");
    });
  }
}
