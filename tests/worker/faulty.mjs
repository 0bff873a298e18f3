// The Worker with stores that fail on demand: what a kill, a lost request or a lost answer
// looks like from inside. Only tests run this module.
import Worker from "./worker.js";

// A clock that operations can push.
const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

/** Counts store operations of one invocation, makes the n-th fail, and the clock jump with each. */
class Faults {
  constructor(spec, jump) {
    this.jump = Number(jump ?? 0);
    // "12 before": the 12th operation never arrives. "12 after": it is done, but nobody hears.
    const [at, when] = (spec ?? "").split(" ");
    this.at = Number(at || 0);
    this.when = when;
    this.count = 0;
    this.dead = false;
  }

  async run(operation) {
    // Whatever died does nothing more, as after a kill.
    if (this.dead) throw new Error("dead");
    this.count += 1;
    ahead += this.jump;
    if (this.count !== this.at) return operation();
    this.dead = true;
    if (this.when === "after") await operation();
    throw new Error("fault");
  }
}

// The runtime's bindings are recognised by the names of their classes.
class D1PreparedStatement {
  constructor(statement, faults) {
    this.statement = statement;
    this.faults = faults;
  }
  bind(...values) {
    return new D1PreparedStatement(this.statement.bind(...values), this.faults);
  }
  all() {
    return this.faults.run(() => this.statement.all());
  }
}

class D1Database {
  constructor(database, faults) {
    this.database = database;
    this.faults = faults;
  }
  prepare(sql) {
    return new D1PreparedStatement(this.database.prepare(sql), this.faults);
  }
  batch(statements) {
    return this.faults.run(() => this.database.batch(statements.map((s) => s.statement)));
  }
}

class KvNamespace {
  constructor(namespace, faults) {
    for (const name of ["get", "put", "delete", "list", "getWithMetadata"]) {
      this[name] = (...values) => faults.run(() => namespace[name](...values));
    }
  }
}

export default class extends Worker {
  async fetch(request) {
    const { headers } = request;
    const faults = new Faults(headers.get("x-fault"), headers.get("x-jump"));
    ahead = 0;
    const real = this.env;
    this.env = {
      ...real,
      DB: new D1Database(real.DB, faults),
      POLICY: new KvNamespace(real.POLICY, faults),
    };
    const response = await super.fetch(request);
    const answer = new Response(response.body, response);
    answer.headers.set("x-operations", String(faults.count));
    return answer;
  }
}
