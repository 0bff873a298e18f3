// A D1 whose every trip goes through what a test puts in its way. Only tests run this module.

/** Whether a statement only reads. */
export const isRead = (sql) => /^\s*SELECT\b/.test(sql);

// The runtime's bindings are recognised by the names of their classes.
class D1PreparedStatement {
  constructor(statement, sql, trip) {
    Object.assign(this, { statement, sql, trip });
  }
  bind(...values) {
    return new D1PreparedStatement(this.statement.bind(...values), this.sql, this.trip);
  }
  all() {
    return this.trip([this.sql], () => this.statement.all(), false);
  }
}

export class D1Database {
  /**
   * @param {(sqls: string[], operation: () => Promise<unknown>, batch: boolean) => Promise<unknown>}
   *   trip what every trip goes through, with its statements, and whether they come as a batch
   */
  constructor(database, trip) {
    Object.assign(this, { database, trip });
  }
  prepare(sql) {
    return new D1PreparedStatement(this.database.prepare(sql), sql, this.trip);
  }
  batch(statements) {
    const sqls = statements.map(({ sql }) => sql);
    const inner = statements.map(({ statement }) => statement);
    return this.trip(sqls, () => this.database.batch(inner), true);
  }
}
