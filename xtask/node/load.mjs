// Load on a local Worker, and what it costs the workerd process that carries it.
import { readdir, readFile } from "node:fs/promises";
import { Agent, request } from "node:http";

/** A client that keeps its connections. */
export class Client {
  /** @param {string | URL} origin @param {number} connections the most that are open at once */
  constructor(origin, connections) {
    this.origin = origin;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /**
   * Sends one request.
   *
   * @returns {Promise<{status: number, text: string, headers: object}>}
   */
  call(method, path, { body, headers } = {}) {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.origin),
        {
          method,
          agent: this.agent,
          headers: payload
            ? {
                "content-type": "application/json",
                "content-length": Buffer.byteLength(payload),
                ...headers,
              }
            : headers,
        },
        (answer) => {
          const chunks = [];
          answer.on("data", (chunk) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({
              status: answer.statusCode,
              headers: answer.headers,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(payload);
    });
  }

  close() {
    this.agent.destroy();
  }
}

/** The value below which `share` of sorted numbers lie. */
export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** What a load did: how many units were done, how long each took, and what went wrong. */
class Tally {
  constructor() {
    this.done = 0;
    this.milliseconds = [];
    this.errors = new Map();
    this.started = performance.now();
  }

  async count(unit) {
    const started = performance.now();
    try {
      await unit();
      this.done += 1;
      this.milliseconds.push(performance.now() - started);
    } catch (error) {
      this.errors.set(error.message, (this.errors.get(error.message) ?? 0) + 1);
    }
  }

  report() {
    const sorted = this.milliseconds.sort((a, b) => a - b);
    return {
      done: this.done,
      perSecond: this.done / ((performance.now() - this.started) / 1000),
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      errors: Object.fromEntries(this.errors),
    };
  }
}

/**
 * Does units of work for some seconds, each of `width` workers the next as soon as its last one
 * is done.
 *
 * @param {() => Promise<void>} unit rejects where something is wrong
 */
export async function saturate(width, seconds, unit) {
  const tally = new Tally();
  const end = tally.started + seconds * 1000;
  const worker = async () => {
    while (performance.now() < end) await tally.count(unit);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return tally.report();
}

/** Units begun but not done beyond which a paced load begins no more: the server is drowning. */
const MOST_OPEN = 500;

/**
 * Begins units of work at a rate for some seconds, however long each takes.
 *
 * @param {() => Promise<void>} unit rejects where something is wrong
 */
export async function pace(perSecond, seconds, unit) {
  const tally = new Tally();
  const total = Math.ceil(perSecond * seconds);
  const open = new Set();
  for (let begun = 0; begun < total; begun++) {
    const due = tally.started + (begun / perSecond) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (open.size >= MOST_OPEN) {
      await tally.count(() => Promise.reject(new Error(`${MOST_OPEN} requests are open`)));
      await Promise.race(open);
    }
    const one = tally.count(unit).finally(() => open.delete(one));
    open.add(one);
  }
  await Promise.all(open);
  return tally.report();
}

/** A visitor's round: a recommendation, and what they did with the first item. */
export function visits(client, users) {
  let count = 0;
  const moods = ["relaxed", "happy", "sad", "focused"];
  const kinds = ["like", "skip", "complete", "share"];
  return async () => {
    const n = count++;
    // Neighbours in time are different users, as on a real site.
    const user = `user-${(n * 7919) % users}`;
    const route = `/api/v1/entertainment/music/recommendations/${user}`;
    const query = `mood=${moods[n % 4]}&time_of_day=evening`;
    const shown = await client.call("GET", `${route}?${query}`);
    if (shown.status !== 200) throw new Error(`recommendations answered ${shown.status}`);
    const { decision_id, recommendations } = JSON.parse(shown.text);
    const said = await client.call("POST", `/api/v1/entertainment/interactions/${user}`, {
      body: {
        content_type: "music",
        content_id: recommendations[0].id,
        decision_id,
        interaction_type: kinds[n % 4],
      },
      headers: { "idempotency-key": `load-${n}` },
    });
    if (said.status !== 201) throw new Error(`an interaction answered ${said.status}`);
  };
}

/** The workerd that this process has started; the latest, if there are several. */
export async function workerd() {
  const found = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, command, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
    if (command === "workerd" && Number(parent) === process.pid) found.push(Number(name));
  }
  return Math.max(...found);
}

/** What a process has used so far: seconds of CPU, and resident bytes, now and at most. */
export async function usage(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) * 1024;
  // User and system time, in hundredths of a second on every Linux there is.
  const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
  return { seconds, bytes: kilobytes("VmRSS"), peak: kilobytes("VmHWM") };
}
