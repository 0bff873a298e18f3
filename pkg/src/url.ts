/** The address of core.wasm beside this file, for bundlers that copy what `new URL` names. */
const address: string = new URL("../wasm/core.wasm", import.meta.url).href;

export default address;
