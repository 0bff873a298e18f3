import wasm, { type InitInput } from "../wasm/core.js";
import { MoodloopError } from "./error.js";

export * from "./moodloop-api.js";

/**
 * Starts the package with a wasm file that the page placed itself: its address, a response, its
 * bytes, or a compiled module. Must have resolved before anything else of `moodloop/slim` is used.
 *
 * ```js
 * import { readFileSync } from "node:fs";
 * import { Agent, init } from "moodloop/slim";
 *
 * await init(readFileSync(new URL(import.meta.resolve("moodloop/core.wasm"))));
 * new Agent().free();
 * ```
 *
 * @throws MoodloopError `internal` when the file cannot be fetched or is no wasm file.
 */
export async function init(
  source: string | URL | Request | Response | BufferSource | WebAssembly.Module,
): Promise<void> {
  try {
    await wasm({ module_or_path: source as InitInput });
  } catch (error) {
    throw MoodloopError.from(error);
  }
}
