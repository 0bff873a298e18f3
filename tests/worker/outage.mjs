// The Worker with a D1 that cannot be read, or not at all, for as long as a request says so; crons,
// which carry no headers, get what the last request said of them. Only tests run this module.
import worker from "./worker.js";

const isRead = (sql) => sql.trimStart().startsWith("SELECT");

/** An outage: of `reads`, of `all`, of `none`, or of all `after N writes`. */
class Outage {
  constructor(spec) {
    const [, left] = /^after (\d+) writes$/.exec(spec) ?? [];
    this.spec = left ? "later" : spec;
    this.left = Number(left);
  }

  /** Fails where statements cannot get through. */
  check(statements) {
    const reads = statements.every(({ sql }) => isRead(sql));
    if (this.spec === "later" && !reads) {
      if (this.left === 0) this.spec = "all";
      this.left -= 1;
    }
    if (this.spec === "all" || (this.spec === "reads" && reads)) {
      throw new Error("D1_ERROR: outage of personality and mood");
    }
  }
}

let ofCrons = new Outage("none");

// The runtime's bindings are recognised by the names of their classes.
class D1PreparedStatement {
  constructor(statement, sql, outage) {
    Object.assign(this, { statement, sql, outage });
  }
  bind(...values) {
    return new D1PreparedStatement(this.statement.bind(...values), this.sql, this.outage);
  }
  async all() {
    this.outage().check([this]);
    return this.statement.all();
  }
}

class D1Database {
  constructor(database, outage) {
    Object.assign(this, { database, outage });
  }
  prepare(sql) {
    return new D1PreparedStatement(this.database.prepare(sql), sql, this.outage);
  }
  async batch(statements) {
    this.outage().check(statements);
    return this.database.batch(statements.map(({ statement }) => statement));
  }
}

const during = (env, outage) => ({ ...env, DB: new D1Database(env.DB, outage) });

export default {
  fetch(request, env, context) {
    const { headers } = request;
    if (headers.has("x-outage-of-crons")) ofCrons = new Outage(headers.get("x-outage-of-crons"));
    const outage = new Outage(headers.get("x-outage") ?? "none");
    const failing = during(env, () => outage);
    return worker.fetch(request, failing, context);
  },

  scheduled(event, env, context) {
    const failing = during(env, () => ofCrons);
    return worker.scheduled(event, failing, context);
  },
};
