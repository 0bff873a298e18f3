// The Worker with a D1 that cannot be read, or not at all, for as long as a request says so. Only
// tests run this module.
import Worker from "./worker.js";

const isRead = (sql) => sql.trimStart().startsWith("SELECT");

// The runtime's bindings are recognised by the names of their classes.
class D1PreparedStatement {
  constructor(statement, sql, outage) {
    Object.assign(this, { statement, sql, outage });
  }
  bind(...values) {
    return new D1PreparedStatement(this.statement.bind(...values), this.sql, this.outage);
  }
  async all() {
    this.check([this]);
    return this.statement.all();
  }
  check(statements) {
    const hit = this.outage === "all" || statements.every(({ sql }) => isRead(sql));
    if (this.outage && hit) throw new Error("D1_ERROR: outage of personality and mood");
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
    statements[0].check(statements);
    return this.database.batch(statements.map(({ statement }) => statement));
  }
}

export default class extends Worker {
  fetch(request) {
    this.env = { ...this.env, DB: new D1Database(this.env.DB, request.headers.get("x-outage")) };
    return super.fetch(request);
  }
}
