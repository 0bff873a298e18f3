// The Worker with a D1 as narrow as the real one, which the simulated one is not: an invocation has
// 1,000 queries, and a row must not be longer than a request says. Only tests run this module.
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

// The runtime's bindings are recognised by the names of their classes.
class D1PreparedStatement {
  constructor(statement, limits) {
    Object.assign(this, { statement, limits });
  }
  bind(...values) {
    return new D1PreparedStatement(this.statement.bind(...values), this.limits);
  }
  all() {
    return this.limits.ask(1, () => this.statement.all());
  }
}

class D1Database {
  constructor(database, limits) {
    Object.assign(this, { database, limits });
  }
  prepare(sql) {
    return new D1PreparedStatement(this.database.prepare(sql), this.limits);
  }
  batch(statements) {
    const inner = statements.map(({ statement }) => statement);
    return this.limits.ask(inner.length, () => this.database.batch(inner));
  }
}

export default {
  async fetch(request, env, context) {
    const limits = new Limits(request.headers.get("x-row"));
    const narrow = { ...env, DB: new D1Database(env.DB, limits) };
    const response = await worker.fetch(request, narrow, context);
    const answer = new Response(response.body, response);
    answer.headers.set("x-queries", String(limits.queries));
    answer.headers.set("x-refused", String(limits.refused));
    return answer;
  },
};
