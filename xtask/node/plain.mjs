// What a request costs without moodloop: the same I/O, and a constant for an answer.
const KEPT_MS = 60_000;
let policy;

async function cachedPolicy(env) {
  if (!policy || Date.now() - policy.readAt > KEPT_MS) {
    policy = { body: await env.POLICY.get("policy/current", "arrayBuffer"), readAt: Date.now() };
  }
  return policy.body;
}

const answer = (status) => Response.json({ ok: true }, { status });

export default {
  async fetch(request, env) {
    const user = new URL(request.url).pathname.split("/").at(-1);
    if (request.method === "POST") {
      const body = await request.text();
      await env.DB.prepare("INSERT INTO plain (id, user_id, body) VALUES (?, ?, ?)")
        .bind(crypto.randomUUID(), user, body)
        .run();
      return answer(201);
    }
    await Promise.all([
      cachedPolicy(env),
      env.DB.prepare("SELECT * FROM users WHERE user_id = ?").bind(user).first(),
    ]);
    await env.DB.prepare("INSERT INTO plain (id, user_id, body) VALUES (?, ?, ?)")
      .bind(crypto.randomUUID(), user, request.url)
      .run();
    return answer(200);
  },
};
