// The entry point of the Worker: forwards each event to the wasm exports, and starts a new
// wasm instance after one that trapped.
import * as wasm from "moodloop-worker-glue";

const state = wasm.__worker_init_state();

// What Rust awaits wakes it by this, and workerd's own takes ten times as long as a promise.
globalThis.queueMicrotask = (task) => {
  Promise.resolve().then(task);
};

/**
 * Calls an export of the wasm module. A trap leaves the instance in an unknown state, so it is
 * replaced before the next call.
 */
async function call(handler, ...args) {
  if (state.criticalError) {
    state.criticalError = false;
    wasm.__wbg_reset_state();
  }
  try {
    return await handler(...args);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      state.criticalError = true;
    }
    throw error;
  }
}

export default {
  fetch: (request, env, context) => call(wasm.fetch, request, env, context),
  scheduled: (event, env, context) => call(wasm.scheduled, event, env, context),
};
