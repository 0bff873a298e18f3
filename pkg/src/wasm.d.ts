// The two ways in which an entry takes a wasm file: as a compiled module (workerd), and as text.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

// A script of this package, bundled to one text that a thread can be started from.
declare module "*?script" {
  const text: string;
  export default text;
}

declare module "*.wasm?packed" {
  const texts: [opcodes: string, numbers: string, bytes: string];
  export default texts;
}
