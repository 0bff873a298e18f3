export { version } from "../wasm/core.js";
