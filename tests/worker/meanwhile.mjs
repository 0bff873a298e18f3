// The Worker with requests that come in between a fold's first read of pairs and what it writes of
// them. Only tests run this module.
import { D1Database } from "./bound.mjs";
import worker from "./worker.js";

export default {
  async fetch(request, env, context) {
    let posts = JSON.parse(request.headers.get("x-meanwhile") ?? "[]");
    const trip = async (sqls, operation) => {
      const answer = await operation();
      if (!sqls[0].includes("FROM pairs p WHERE dirty = 1")) return answer;
      const now = posts;
      posts = [];
      for (const [route, body] of now) {
        const post = new Request(new URL(route, request.url), {
          method: "POST",
          headers: request.headers,
          body: JSON.stringify(body),
        });
        const { status } = await worker.fetch(post, env, context);
        if (status !== 200) throw new Error(`${route} answered ${status}`);
      }
      return answer;
    };
    return worker.fetch(request, { ...env, DB: new D1Database(env.DB, trip) }, context);
  },
};
