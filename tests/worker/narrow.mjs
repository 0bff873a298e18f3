// The Worker with a D1 as narrow as the real one, which the simulated one is not: an invocation has
// 1,000 queries, and a row must not be longer than a request says. Only tests run this module.
import { D1Database } from "./bound.mjs";
import worker from "./worker.js";

const QUERIES = 1000;

/** What one invocation may ask. */
class Limits {
  constructor(row) {
    this.row = Number(row ?? 2_000_000);
    this.queries = 0;
    this.refused = 0;
  }

  /** Asks as many queries as `count`, unless that is too many or a row too long. */
  async ask(count, operation) {
    this.queries += count;
    if (this.queries > QUERIES) throw new Error("D1_ERROR: too many queries by one invocation");
    const answer = await operation();
    const rows = [answer].flat().flatMap(({ results }) => results ?? []);
    if (rows.some((row) => JSON.stringify(row).length > this.row)) {
      this.refused += 1;
      throw new Error("D1_ERROR: string or blob too big: SQLITE_TOOBIG");
    }
    return answer;
  }
}

export default {
  async fetch(request, env, context) {
    const limits = new Limits(request.headers.get("x-row"));
    const trip = (sqls, operation) => limits.ask(sqls.length, operation);
    const narrow = { ...env, DB: new D1Database(env.DB, trip) };
    const response = await worker.fetch(request, narrow, context);
    const answer = new Response(response.body, response);
    answer.headers.set("x-queries", String(limits.queries));
    answer.headers.set("x-refused", String(limits.refused));
    return answer;
  },
};
