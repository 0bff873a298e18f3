// Times the speed benchmark's work in wasm, in Node and in a page alike.

/** How often each kind of work is called in a block: a block is far above the clock's step. */
const CALLS = {
  product: 25,
  decide: 25,
  decide_by_table: 2000,
  solve: 1,
  learn: 25,
  train: 2000,
};
const BLOCKS = 60;

/**
 * Nanoseconds a call, in the quickest of many blocks: other work on the machine only slows.
 * `memory` is the wasm memory in bytes after all of it.
 */
export async function time(glue, bytes) {
  const { memory } = await glue.default({ module_or_path: bytes });
  const speed = new glue.Speed();
  const times = {};
  for (const [name, calls] of Object.entries(CALLS)) {
    let best = Number.POSITIVE_INFINITY;
    for (let block = 0; block < BLOCKS; block += 1) {
      const start = performance.now();
      speed[name](block * calls, calls);
      const elapsed = performance.now() - start;
      if (elapsed > 0) {
        best = Math.min(best, (elapsed * 1e6) / calls);
      }
    }
    times[name] = best;
  }
  times.memory = memory.buffer.byteLength;
  return times;
}
