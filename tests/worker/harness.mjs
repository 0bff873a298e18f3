// The built Worker on workerd with a database of its own, and what tests do with it.
import { createHmac } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { importItems, migrate, openWorker } from "../../xtask/node/local.mjs";

const CATALOG = path.resolve(import.meta.dirname, "../../www/public/catalog");

/** The admin key of the guide. */
export const DEVELOPMENT_KEY = "admin-dev-key-change-in-production";

/** One day in milliseconds. */
export const DAY = 24 * 60 * 60 * 1000;

const DIST = path.resolve(import.meta.dirname, "../../worker/dist");

/** A copy of the built Worker behind a module of this directory, which imports it. */
export class Behind {
  /** @param {string} name the module's, such as `faulty.mjs` */
  static async copy(name) {
    const directory = await mkdtemp(path.join(os.tmpdir(), "moodloop-behind-"));
    const built = ["worker.js", "worker.wasm"].map((file) => path.join(DIST, file));
    const modules = ["bound.mjs", name].map((file) => path.join(import.meta.dirname, file));
    for (const file of [...built, ...modules]) {
      await copyFile(file, path.join(directory, path.basename(file)));
    }
    return new Behind(directory, path.join(directory, name));
  }

  constructor(directory, entry) {
    this.directory = directory;
    this.entry = entry;
  }

  remove() {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** The shipped demo catalog. */
export async function demoCatalog() {
  const files = (await readdir(CATALOG)).filter((name) => name.endsWith(".json"));
  const lists = files.map(async (name) =>
    JSON.parse(await readFile(path.join(CATALOG, name), "utf8")),
  );
  return (await Promise.all(lists)).flat();
}

/**
 * Starts the Worker on an empty database with the demo catalog.
 *
 * @param {{vars?: Record<string, string>, persist?: string, catalog?: object[], entry?: string,
 *   log?: (line: string) => void}} options
 *   `entry`: a module beside a copy of the built Worker to start instead of it; `log`: gets what
 *   the Worker writes into its log, which is printed otherwise
 */
export async function start(options = {}) {
  const persist = options.persist ?? (await mkdtemp(path.join(os.tmpdir(), "moodloop-worker-")));
  const miniflare = await openWorker(persist, 0, options);
  const origin = String(await miniflare.ready).replace(/\/$/, "");
  const database = await miniflare.getD1Database("DB");
  await migrate(database);
  const catalog = options.catalog ?? (await demoCatalog());
  if (catalog.length > 0) {
    await importItems(database, catalog);
  }
  return new Service(miniflare, origin, database, persist);
}

/**
 * Starts the Worker behind a module of this directory, a copy of which goes when it stops.
 *
 * @param {string} name the module's, such as `faulty.mjs`
 */
export async function startBehind(name) {
  const behind = await Behind.copy(name);
  const service = await start({ entry: behind.entry });
  service.behind = behind;
  return service;
}

/** A running Worker. */
export class Service {
  constructor(miniflare, origin, database, persist) {
    this.miniflare = miniflare;
    this.origin = origin;
    this.database = database;
    this.persist = persist;
  }

  /** A request; gives status, headers and the body as JSON where it is JSON. */
  async call(method, route, { body, headers } = {}) {
    const response = await fetch(this.origin + route, {
      method,
      headers: { ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      json: isJson ? JSON.parse(bytes.toString("utf8")) : undefined,
    };
  }

  admin(method, route, body) {
    return this.call(method, `/api/v1/admin/${route}`, {
      body,
      headers: { "x-admin-key": DEVELOPMENT_KEY },
    });
  }

  recommend(user, query = "mood=relaxed&time_of_day=evening", type = "music") {
    return this.call("GET", `/api/v1/entertainment/${type}/recommendations/${user}?${query}`);
  }

  interact(user, body, headers) {
    return this.call("POST", `/api/v1/entertainment/interactions/${user}`, { body, headers });
  }

  train(headers = {}) {
    return this.call("POST", "/api/v1/admin/tasks/rl-training/trigger", {
      headers: { "x-admin-key": DEVELOPMENT_KEY, ...headers },
    });
  }

  /** Fires a cron trigger that was due at `time`. */
  async cron(expression, time) {
    const worker = await this.miniflare.getWorker();
    return worker.scheduled({ cron: expression, scheduledTime: new Date(time) });
  }

  async rows(sql, ...values) {
    return (
      await this.database
        .prepare(sql)
        .bind(...values)
        .all()
    ).results;
  }

  /** Everything that was learned, byte for byte. */
  async learned() {
    const namespace = await this.miniflare.getKVNamespace("POLICY");
    const { keys } = await namespace.list();
    const policies = {};
    for (const { name } of keys) {
      const bytes = Buffer.from(await namespace.get(name, "arrayBuffer"));
      policies[name] = bytes.toString("base64");
    }
    return {
      evidence: await this.rows("SELECT * FROM evidence ORDER BY week"),
      layers: await this.rows("SELECT user_id, layer, layer_version FROM users ORDER BY user_id"),
      policies,
    };
  }

  /** Empties every table and namespace, as if nothing had ever happened. */
  async reset() {
    const tables = await this.rows(
      `SELECT name FROM sqlite_schema WHERE type = 'table'
         AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT IN ('d1_migrations', 'catalog_items')
         AND name NOT LIKE 'sqlite%'`,
    );
    await this.database.batch(
      tables.map(({ name }) => this.database.prepare(`DELETE FROM "${name}"`)),
    );
    const namespace = await this.miniflare.getKVNamespace("POLICY");
    const { keys } = await namespace.list();
    await Promise.all(keys.map(({ name }) => namespace.delete(name)));
  }

  async stop() {
    await this.miniflare.dispose();
    await rm(this.persist, { recursive: true, force: true });
    await this.behind?.remove();
  }
}

/** A bearer token (JWT). */
export function token(claims, secret, header = { alg: "HS256", typ: "JWT" }) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = createHmac("sha256", secret).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}
