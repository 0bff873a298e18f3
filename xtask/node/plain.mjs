// What a request costs without moodloop: I/O of the same kind and, for an answer, a constant that
// takes as long to send: `RECOMMENDATIONS` and `INTERACTION` are answers of the real Worker.
const KEPT_MS = 60_000;
let policy;

async function cachedPolicy(env) {
  if (!policy || Date.now() - policy.readAt > KEPT_MS) {
    policy = { body: await env.POLICY.get("policy/current", "arrayBuffer"), readAt: Date.now() };
  }
  return policy.body;
}

const answer = (status, text) =>
  new Response(text, { status, headers: { "content-type": "application/json" } });

export default {
  async fetch(request, env) {
    const user = new URL(request.url).pathname.split("/").at(-1);
    if (request.method === "POST") {
      const body = await request.text();
      await env.DB.prepare("INSERT INTO plain (id, user_id, body) VALUES (?, ?, ?)")
        .bind(crypto.randomUUID(), user, body)
        .run();
      return answer(201, env.INTERACTION);
    }
    await Promise.all([
      cachedPolicy(env),
      env.DB.prepare("SELECT * FROM users WHERE user_id = ?").bind(user).first(),
    ]);
    await env.DB.prepare("INSERT INTO plain (id, user_id, body) VALUES (?, ?, ?)")
      .bind(crypto.randomUUID(), user, request.url)
      .run();
    return answer(200, env.RECOMMENDATIONS);
  },
};
