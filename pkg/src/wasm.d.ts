// The two ways in which an entry takes the wasm file: as a compiled module (workerd), and as text.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?hex" {
  const text: string;
  export default text;
}
