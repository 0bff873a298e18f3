/** The address of core.wasm beside this file, for bundlers that copy what `new URL` names. */
export const core: string = new URL("../wasm/core.wasm", import.meta.url).href;

/** The same of catalog.wasm. */
export const catalog: string = new URL("../wasm/catalog.wasm", import.meta.url).href;
