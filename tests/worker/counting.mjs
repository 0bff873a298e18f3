// The Worker with a D1 that counts round trips: each answer says how many were made since its request
// came. While a request says so, D1 refuses whatever comes in batches. Only tests run this module.
import { D1Database } from "./bound.mjs";
import worker from "./worker.js";

let trips = 0;
let refusing = false;

function trip(_sqls, operation, batch) {
  trips += 1;
  if (batch && refusing) return Promise.reject(new Error("D1_ERROR: refused"));
  return operation();
}

// One for the isolate's life, as the runtime gives it.
let counted;

export default {
  async fetch(request, env, context) {
    counted ??= { ...env, DB: new D1Database(env.DB, trip) };
    if (request.headers.has("x-refuse")) refusing = request.headers.get("x-refuse") === "batches";
    const before = trips;
    const answer = await worker.fetch(request, counted, context);
    const headers = new Headers(answer.headers);
    headers.set("x-trips", String(trips - before));
    return new Response(answer.body, { status: answer.status, headers });
  },
};
