// The Worker with a D1 that counts round trips: each answer says how many were made since its request
// came. While a request says so, D1 refuses whatever comes in batches. Only tests run this module.
import worker from "./worker.js";

let trips = 0;
let refusing = false;

// The runtime's bindings are recognised by the names of their classes.
class D1PreparedStatement {
  constructor(statement) {
    this.statement = statement;
  }
  bind(...values) {
    return new D1PreparedStatement(this.statement.bind(...values));
  }
  all() {
    trips += 1;
    return this.statement.all();
  }
}

class D1Database {
  constructor(database) {
    this.database = database;
  }
  prepare(sql) {
    return new D1PreparedStatement(this.database.prepare(sql));
  }
  batch(statements) {
    trips += 1;
    if (refusing) return Promise.reject(new Error("D1_ERROR: refused"));
    return this.database.batch(statements.map(({ statement }) => statement));
  }
}

// One for the isolate's life, as the runtime gives it.
let counted;

export default {
  async fetch(request, env, context) {
    counted ??= { ...env, DB: new D1Database(env.DB) };
    if (request.headers.has("x-refuse")) refusing = request.headers.get("x-refuse") === "batches";
    const before = trips;
    const answer = await worker.fetch(request, counted, context);
    const headers = new Headers(answer.headers);
    headers.set("x-trips", String(trips - before));
    return new Response(answer.body, { status: answer.status, headers });
  },
};
