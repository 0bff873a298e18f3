// The Worker and its storage on this machine: workerd, with KV and D1 in a directory laid out
// as `wrangler --persist-to` does it, so that wrangler's own commands read it too.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";

const WORKER = path.resolve(import.meta.dirname, "../../worker");

function configured() {
  return unstable_getMiniflareWorkerOptions(path.join(WORKER, "wrangler.jsonc"));
}

function shared(persist) {
  return {
    host: "127.0.0.1",
    // No look-up of where this machine is.
    cf: false,
    resourcePersistencePath: path.join(persist, "v3"),
  };
}

/**
 * Starts the built Worker as worker/wrangler.jsonc describes it, in workerd.
 *
 * @param {string} persist the directory of KV and D1
 * @param {number} port where to serve; 0 takes any free port
 * @param {{vars?: Record<string, string>, entry?: string, ratelimits?: object,
 *   log?: (line: string) => void, site?: boolean}} options variables and secrets that replace the
 *   configured ones; a module to start instead of the Worker, which imports it and may import
 *   others beside it; rate limits by binding; what gets the lines of the log instead of the console;
 *   `false` for the Worker alone, without the simulation's own Worker that serves the site and hands
 *   the rest on
 * @returns {Promise<Miniflare>}
 */
export async function openWorker(
  persist,
  port,
  { vars, entry, ratelimits, log, site = true } = {},
) {
  const { workerOptions, main } = configured();
  if (!site) delete workerOptions.assets;
  const modulesRoot = path.dirname(entry ?? main);
  const beside = entry ? (await readdir(modulesRoot)).filter((name) => name.endsWith(".mjs")) : [];
  const names = [...beside, path.basename(main)];
  // The one that is started comes first.
  const scripts = [
    ...new Set([entry ?? main, ...names.map((name) => path.join(modulesRoot, name))]),
  ];
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      ...shared(persist),
      bindings: { ...workerOptions.bindings, ...vars },
      ratelimits,
      handleStructuredLogs: log && (({ message }) => log(message)),
      modulesRoot,
      modules: [
        ...scripts.map((file) => ({ type: "ESModule", path: file })),
        { type: "CompiledWasm", path: path.join(modulesRoot, "worker.wasm") },
      ],
      port,
      // `/cdn-cgi/local/scheduled` fires the cron triggers, which never fire by themselves here.
      unsafeTriggerHandlers: true,
    }),
  );
  await worker.ready;
  return worker;
}

/** Opens a Worker with the same bindings that answers nothing: what the simulation itself takes. */
export async function openEmpty(persist) {
  const { modulesRules: _, ...options } = configured().workerOptions;
  const script = "export default { fetch() { return new Response(); } }";
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      ...shared(persist),
      modules: true,
      script,
      port: 0,
    }),
  );
  await worker.ready;
  return worker;
}

/**
 * Opens the D1 database alone, does some work on it, and closes it again.
 *
 * @param {string} persist the directory of KV and D1
 * @param {(database: import("miniflare").D1Database) => Promise<T>} work
 * @template T
 */
export async function withDatabase(persist, work) {
  const storage = new Miniflare(
    convertV4MiniflareOptions({
      ...shared(persist),
      modules: true,
      script: "export default {}",
      d1Databases: configured().workerOptions.d1Databases,
    }),
  );
  try {
    return await work(await storage.getD1Database("DB"));
  } finally {
    await storage.dispose();
  }
}

/**
 * Applies the migrations that the database has not had yet, each wholly or not at all, and
 * notes them where `wrangler d1 migrations` does.
 *
 * @param {string} [before] the first that is not applied yet
 * @returns {Promise<string[]>} the names of those applied
 */
export async function migrate(database, before) {
  await database
    .prepare(
      `CREATE TABLE IF NOT EXISTS d1_migrations(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT UNIQUE,
        applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
      )`,
    )
    .run();
  const known = await database.prepare("SELECT name FROM d1_migrations").all();
  const done = new Set(known.results.map((row) => row.name));
  const directory = path.join(WORKER, "migrations");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  const applied = names.filter((name) => !done.has(name) && !(name >= before));
  for (const name of applied) {
    const sql = await readFile(path.join(directory, name), "utf8");
    const statements = unstable_splitSqlQuery(sql).map((statement) => database.prepare(statement));
    const note = database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
    await database.batch([...statements, note]);
  }
  return applied;
}

/** The most items, and characters of JSON, that one statement carries: D1 takes 2 MB. */
const ROWS = 1000;
const CHARACTERS = 500_000;

/**
 * Puts checked items into the catalog; one with a known id replaces the older item.
 *
 * @returns {Promise<number>} how many were replaced
 */
export async function importItems(database, items) {
  const count = async () =>
    (await database.prepare("SELECT count(*) AS n FROM catalog_items").first()).n;
  const before = await count();
  const insert = database.prepare(
    `INSERT INTO catalog_items
       (id, content_type, title, creator, genres, energy, valence, popularity, url, thumbnail)
     SELECT value ->> 'id', value ->> 'content_type', value ->> 'title', value ->> 'creator',
       value -> 'genres', value ->> 'energy', value ->> 'valence', value ->> 'popularity',
       value ->> 'url', value ->> 'thumbnail'
     FROM json_each(?) WHERE true
     ON CONFLICT (id) DO UPDATE SET content_type = excluded.content_type, title = excluded.title,
       creator = excluded.creator, genres = excluded.genres, energy = excluded.energy,
       valence = excluded.valence, popularity = excluded.popularity, url = excluded.url,
       thumbnail = excluded.thumbnail`,
  );
  for (const list of slices(items)) {
    await insert.bind(list).run();
  }
  return before + items.length - (await count());
}

/** Cuts items into JSON lists that one statement can carry. */
function* slices(items) {
  let slice = [];
  let length = 0;
  for (const item of items) {
    const json = JSON.stringify(item);
    if (slice.length === ROWS || length + json.length > CHARACTERS) {
      yield `[${slice}]`;
      slice = [];
      length = 0;
    }
    slice.push(json);
    length += json.length;
  }
  yield `[${slice}]`;
}
