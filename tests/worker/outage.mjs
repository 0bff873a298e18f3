// The Worker with a D1 that cannot be read, or not at all, for as long as a request says so; crons,
// which carry no headers, get what the last request said of them. Only tests run this module.
import { D1Database, isRead } from "./bound.mjs";
import worker from "./worker.js";

/** An outage: of `reads`, of `all`, of `none`, or of all `after N writes`. */
class Outage {
  constructor(spec) {
    const [, left] = /^after (\d+) writes$/.exec(spec) ?? [];
    this.spec = left ? "later" : spec;
    this.left = Number(left);
  }

  /** Fails where statements cannot get through. */
  check(sqls) {
    const reads = sqls.every(isRead);
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

const during = (env, outage) => {
  const trip = async (sqls, operation) => {
    outage().check(sqls);
    return operation();
  };
  return { ...env, DB: new D1Database(env.DB, trip) };
};

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
