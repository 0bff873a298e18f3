// The Worker with stores that fail on demand: what a kill, a lost request or a lost answer
// looks like from inside. Only tests run this module.
import { D1Database, isRead } from "./bound.mjs";
import worker from "./worker.js";

// A clock that operations can push.
const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

/** Notes store operations of one invocation, makes the n-th fail, and the clock jump with each. */
class Faults {
  constructor(spec, jump) {
    this.jump = Number(jump ?? 0);
    // "12 before": the 12th operation never arrives. "12 after": it is done, but nobody hears.
    const [at, when] = (spec ?? "").split(" ");
    this.at = Number(at || 0);
    this.when = when;
    this.kinds = [];
    this.dead = false;
  }

  /** @param {"read" | "write"} kind whether it can change anything */
  async run(kind, operation) {
    // Whatever died does nothing more, as after a kill.
    if (this.dead) throw new Error("dead");
    this.kinds.push(kind);
    ahead += this.jump;
    if (this.kinds.length !== this.at) return operation();
    this.dead = true;
    if (this.when === "after") await operation();
    throw new Error("fault");
  }
}

class KvNamespace {
  constructor(namespace, faults) {
    for (const name of ["get", "put", "delete", "list", "getWithMetadata"]) {
      const kind = ["put", "delete"].includes(name) ? "write" : "read";
      this[name] = (...values) => faults.run(kind, () => namespace[name](...values));
    }
  }
}

export default {
  async fetch(request, env, context) {
    const { headers } = request;
    const faults = new Faults(headers.get("x-fault"), headers.get("x-jump"));
    ahead = 0;
    const trip = (sqls, operation) => faults.run(sqls.every(isRead) ? "read" : "write", operation);
    const failing = {
      ...env,
      DB: new D1Database(env.DB, trip),
      POLICY: new KvNamespace(env.POLICY, faults),
    };
    const response = await worker.fetch(request, failing, context);
    const answer = new Response(response.body, response);
    answer.headers.set("x-operations", faults.kinds.join(" "));
    return answer;
  },
};
