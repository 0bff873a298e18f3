// kill -9 in the middle of writes and of trainings, again and again: what was acknowledged is
// there, everything is trained once, and the bytes are those of a run that nobody disturbed.
//
// Usage: node crashes.mjs KILLS
// Prints one JSON object: {"kills", "in_training", "interactions", "wrong": [what …]}.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { DAY, DEVELOPMENT_KEY, start } from "./harness.mjs";
import { decision, interaction } from "./history.mjs";

const SERVE = path.resolve(import.meta.dirname, "../../xtask/node/serve.mjs");
const TRIGGER = "/api/v1/admin/tasks/rl-training/trigger";
const USERS = ["ann", "bobby", "charlie", "dora"];
/** Decisions in one request. */
const BATCH = 8;

/** Numbers in [0, 1), the same every time. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

/** Decisions of clients, each with an interaction, as requests: [user, events]. */
function requests(count, now) {
  return Array.from({ length: count }, (_, request) => {
    const user = USERS[request % USERS.length];
    const events = Array.from({ length: BATCH }, (_, i) => {
      const n = request * BATCH + i;
      const at = now - (n % 20) * DAY - n * 1000;
      const context = {
        mood: ["sad", "happy", "calm"][n % 3],
        personality: { openness: (n * 13) % 100 },
      };
      return [
        decision(`d${n}`, at, { context, action_index: (n * 7 + user.length) % 27 }),
        interaction(`d${n}`, at + 10, {
          interaction_id: `i${n}`,
          content_id: `c${n}`,
          interaction_type: n % 3 ? "like" : "skip",
        }),
      ];
    });
    return [user, events.flat()];
  });
}

/** Site and API in processes of their own, which can be killed as one. */
class Victim {
  static async start(persist) {
    const node = spawn(process.execPath, [SERVE, persist, "0"], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    const ended = new Promise((resolve) => node.once("exit", resolve));
    for await (const line of createInterface({ input: node.stdout })) {
      if (!line.includes('"url"')) continue;
      node.stdout.resume();
      return new Victim(node, JSON.parse(line).url, ended);
    }
    throw new Error("the server ended before it served");
  }

  constructor(node, url, ended) {
    this.node = node;
    this.url = url;
    this.ended = ended;
  }

  /** The group is Node and its workerd: killing Node alone would leave workerd at work. */
  async kill() {
    process.kill(-this.node.pid, "SIGKILL");
    await this.ended;
  }

  async post(route, body) {
    const answer = await fetch(new URL(route, this.url), {
      method: "POST",
      headers: { "x-admin-key": DEVELOPMENT_KEY },
      body: body && JSON.stringify(body),
    });
    await answer.arrayBuffer();
    return answer.status;
  }
}

/** Sends what was not acknowledged yet, until it dies or all is sent. */
async function send(victim, waiting, acknowledged) {
  while (waiting.length > 0) {
    const [user, events] = waiting[0];
    if ((await victim.post(`/api/v1/sync/${user}`, { events })) !== 200) return;
    acknowledged.push(...events.flatMap((event) => event.interaction?.interaction_id ?? []));
    waiting.shift();
  }
}

/** What was learned, whatever number the last version has. */
async function learned(service) {
  const { evidence, layers, policies } = await service.learned();
  const unnumbered = (name) => {
    const bytes = Buffer.from(policies[name], "base64");
    // After magic, format version, layout hash and length comes the version, in one byte.
    assert.ok(bytes[18] < 128);
    return bytes.subarray(19, -8).toString("base64");
  };
  const latest = Object.keys(policies).find((name) => {
    return (
      name.startsWith("policy/public/") &&
      policies[name.replace("public", "v")] === policies["policy/current"]
    );
  });
  return {
    evidence,
    layers: layers.map(({ user_id, layer }) => ({ user_id, layer })),
    policy: unnumbered("policy/current"),
    shared: unnumbered(latest),
  };
}

/**
 * Trains everything; the lease of whoever was killed has run out. A trigger only continues a run
 * that is open, and what came in behind its fold is for the run after.
 */
async function train(service) {
  await service.rows("UPDATE leases SET expires_at = 0");
  const open = await service.rows("SELECT id FROM system_tasks WHERE status = 'running'");
  for (let left = 1 + open.length; left > 0; left--) {
    const { status, json } = await service.train();
    assert.deepEqual([status, json.status], [200, "completed"]);
  }
}

/**
 * Kills a Worker that is at work, `kills` times, and compares with one that was left in peace.
 *
 * @param {number} kills every other one in a training
 */
export async function crashes(kills, seed = 1) {
  const random = chance(seed);
  const all = requests(3 * kills + USERS.length, Date.now() - DAY);
  const persist = await mkdtemp(path.join(os.tmpdir(), "moodloop-crashes-"));
  const calm = await start({ catalog: [] });
  const wrong = [];
  const acknowledged = [];
  try {
    const waiting = [...all];
    // How long a request and a training take here, so that a kill falls into the middle.
    let [writing, training] = [100, 500];
    for (let kill = 0; kill < kills; kill++) {
      const victim = await Victim.start(persist);
      const inTraining = kill % 2 === 1;
      const started = performance.now();
      // At most three requests a life, so that there is something left to write.
      const work = inTraining
        ? victim.post(TRIGGER).then(() => {
            training = performance.now() - started;
          })
        : send(victim, waiting.slice(0, 6), acknowledged).then(() => {
            writing = performance.now() - started;
          });
      const watched = work.catch(() => {});
      await pause(random() * (inTraining ? training : writing));
      await victim.kill();
      await watched;
      const had = new Set(acknowledged);
      while (
        waiting[0]?.[1].every(
          (event) => had.has(event.interaction?.interaction_id) || event.decision,
        )
      ) {
        waiting.shift();
      }
      const service = await start({ persist, catalog: [] });
      try {
        await service.rows("UPDATE leases SET expires_at = 0");
        const stored = await service.rows("SELECT interaction_id FROM entertainment_interactions");
        const there = new Set(stored.map((row) => row.interaction_id));
        const lost = acknowledged.filter((id) => !there.has(id));
        if (lost.length > 0) wrong.push(`kill ${kill + 1} lost ${lost}`);
      } finally {
        await service.miniflare.dispose();
      }
    }
    const survivor = await start({ persist, catalog: [] });
    try {
      // All of it once more: repeats change nothing.
      for (const [user, events] of all) {
        for (const service of [survivor, calm]) {
          const { status } = await service.call("POST", `/api/v1/sync/${user}`, {
            body: { events },
          });
          assert.equal(status, 200);
        }
      }
      await train(survivor);
      await train(calm);
      const [sum] = await survivor.rows(
        "SELECT sum(records_processed) AS n FROM system_tasks WHERE status = 'completed'",
      );
      if (sum.n !== all.length * BATCH) wrong.push(`${sum.n} interactions were trained`);
      const [a, b] = [await learned(survivor), await learned(calm)];
      for (const what of Object.keys(a)) {
        if (JSON.stringify(a[what]) !== JSON.stringify(b[what])) wrong.push(`another ${what}`);
      }
    } finally {
      await survivor.miniflare.dispose();
    }
  } finally {
    await calm.stop();
    await rm(persist, { recursive: true, force: true });
  }
  return { kills, in_training: kills >> 1, interactions: all.length * BATCH, wrong };
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await crashes(Number(process.argv[2]))));
}
