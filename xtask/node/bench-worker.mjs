// Measures what moodloop adds to a request: the Worker against plain.mjs, which does I/O of the same
// kind and answers a constant of the same length, in turns within one run.
//
// Usage: node bench-worker.mjs PERSIST ITEMS.json
// Prints one JSON object: {"newcomers": {"p50", "throughput"}, "recommendations": {…}, "interactions":
// {…}}, each the median over the rounds of the Worker's figure divided by the plain one's. Newcomers
// ask for recommendations once; `recommendations` are of a thousand users who come back.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { Client, quantile, saturate } from "./load.mjs";
import { importItems, migrate, openWorker, withDatabase } from "./local.mjs";

const CONNECTIONS = 10;
const USERS = 1000;
// Turns are short, because a shared machine is now faster and now slower for seconds at a time.
const ROUNDS = 50;
const WARM_UP = 5;
const SECONDS = 0.4;
const INTERACTIONS = "/api/v1/entertainment/interactions";

/** Opens the plain Worker, which gives everybody the same two answers. */
async function openPlain(persist, RECOMMENDATIONS, INTERACTION) {
  const plain = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      cf: false,
      resourcePersistencePath: path.join(persist, "v3"),
      modules: [{ type: "ESModule", path: path.join(import.meta.dirname, "plain.mjs") }],
      compatibilityDate: "2026-10-01",
      bindings: { RECOMMENDATIONS, INTERACTION },
      d1Databases: { DB: "plain" },
      kvNamespaces: { POLICY: "plain" },
    }),
  );
  const database = await plain.getD1Database("DB");
  await database.batch([
    database.prepare("CREATE TABLE users (user_id TEXT PRIMARY KEY, personality TEXT) STRICT"),
    database.prepare("CREATE TABLE plain (id TEXT PRIMARY KEY, user_id TEXT, body TEXT) STRICT"),
  ]);
  const names = Array.from({ length: USERS }, (_, n) => `user-${n}`);
  await database
    .prepare("INSERT INTO users SELECT value, '{}' FROM json_each(?)")
    .bind(JSON.stringify(names))
    .run();
  await (await plain.getKVNamespace("POLICY")).put("policy/current", new Uint8Array(170_000));
  return plain;
}

/** The next requests to one of the two, each for what it has answered before. */
function requests(client, shown) {
  let n = 0;
  const expect = (answer, status) => {
    if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
    return answer;
  };
  const recommend = async (name) => {
    const route = `/api/v1/entertainment/music/recommendations/${name}`;
    const answer = await client.call("GET", `${route}?mood=relaxed&time_of_day=evening`);
    const { decision_id, recommendations } = JSON.parse(expect(answer, 200).text);
    shown.push([name, decision_id, recommendations[0].id]);
    return answer.text;
  };
  return {
    newcomers: () => recommend(`new-${n++}`),
    recommendations: () => recommend(`user-${(n++ * 7919) % USERS}`),
    async interactions() {
      const [name, decision_id, content_id] = shown[n % shown.length];
      const body = { content_type: "music", content_id, decision_id, interaction_type: "like" };
      n++;
      const headers = { "idempotency-key": `bench-${n}` };
      const answer = await client.call("POST", `${INTERACTIONS}/${name}`, { body, headers });
      return expect(answer, 201).text;
    },
  };
}

const median = (list) =>
  quantile(
    [...list].sort((a, b) => a - b),
    0.5,
  );

const [persist, file] = process.argv.slice(2);
const items = JSON.parse(await readFile(file, "utf8"));
await withDatabase(persist, async (database) => {
  await migrate(database);
  await importItems(database, items);
});
const open = async (server) => new Client(await server.ready, CONNECTIONS);
const servers = [await openWorker(persist, 0, { log: () => {}, site: false })];
const clients = [await open(servers[0])];
const ours = requests(clients[0], []);
servers.push(await openPlain(persist, await ours.recommendations(), await ours.interactions()));
clients.push(await open(servers[1]));
const plain = requests(clients[1], []);
const report = {};
for (const kind of ["newcomers", "recommendations", "interactions"]) {
  const ratios = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const found = [];
    for (const side of round % 2 ? [ours, plain] : [plain, ours]) {
      const load = await saturate(CONNECTIONS, SECONDS, side[kind]);
      const [error] = Object.keys(load.errors);
      if (error) throw new Error(error);
      found[side === ours ? 0 : 1] = load;
    }
    const [a, b] = found;
    if (round >= 0)
      ratios.push({ p50: a.p50 / b.p50, throughput: a.perSecond / b.perSecond, a, b });
  }
  report[kind] = {
    p50: median(ratios.map((ratio) => ratio.p50)),
    throughput: median(ratios.map((ratio) => ratio.throughput)),
    milliseconds: [median(ratios.map(({ a }) => a.p50)), median(ratios.map(({ b }) => b.p50))],
  };
}
for (const client of clients) client.close();
for (const server of servers) await server.dispose();
console.log(JSON.stringify(report));
