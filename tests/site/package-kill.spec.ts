// A browser that is killed at random moments: every feedback that resolved is there, none twice,
// unless Chromium itself threw away all that this origin had. It does so at the second start after a
// kill between two writes of one commit, for the first start writes on behind the torn record; most
// times it says that it found its database corrupt, not always. What shows it is a database of the
// test's own, which moodloop never touches and which is gone with the rest. MOODLOOP_KILLS sets how
// often it is killed; `cargo xtask soak` asks for more than this short form does.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, readdir } from "node:fs/promises";
import path from "node:path";
import { type Browser, chromium, type LaunchOptions, type Page } from "@playwright/test";
import { expect, open, test } from "./package-page.ts";

const kills = Number(process.env.MOODLOOP_KILLS ?? 10);
/** The longest that a browser lives, in milliseconds after its first feedback. */
const LIFE_MS = 400;

/** How long a Chromium on a busy machine may take until it can be spoken to, in milliseconds. */
const ANSWER_MS = 60_000;
/** The longest that a start takes: the second Chromium answers, or the test fails. */
const START_MS = 2 * ANSWER_MS;

/** A Chromium that can be spoken to. */
interface Started {
  child: ChildProcess;
  browser: Browser;
  page: Page;
}

/**
 * A Chromium of its own process group, with a profile on disk. One in many starts and then never
 * answers: it is killed, and another started.
 */
async function start(
  executable: string,
  args: readonly string[],
  profile: string,
  again = true,
): Promise<Started> {
  const child = spawn(
    executable,
    [
      ...args,
      "--headless",
      "--no-first-run",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
    ],
    { detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr?.on("data", (data) => {
      said += data;
      const found = /DevTools listening on (\S+)/.exec(said)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    child.once("exit", () => reject(new Error(`Chromium ended: ${said}`)));
  });
  try {
    const browser = await chromium.connectOverCDP(address, { timeout: ANSWER_MS });
    return { child, browser, page: (await browser.contexts()[0]?.newPage()) as Page };
  } catch (error) {
    await kill(child);
    if (again) {
      return start(executable, args, profile, false);
    }
    throw error;
  }
}

/** Kills it with all its processes. */
async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  process.kill(-(child.pid as number), "SIGKILL");
  await gone;
}

/** Kills it, and hears all that it had said by then. */
async function silence({ child, browser }: Started): Promise<void> {
  const heard = new Promise((resolve) => browser.once("disconnected", resolve));
  await kill(child);
  await heard;
}

/** What a new life found. */
interface Found {
  /** Whether this origin had nothing, as in the first life. */
  anew: boolean;
  /** Why Chromium threw away what this origin had, in its own words, where it says so. */
  why: string;
  /** The interactions that the model held. */
  held: string[];
  /** Where the model was kept, one after the other, and what failed. */
  said: string[];
}

/**
 * Opens the model, waits until what is stored is there (a busy machine may take longer than the
 * package waits for it), says what it holds, and gives feedback without end.
 */
async function live(page: Page, resolved: string[]): Promise<Found> {
  await page.exposeFunction("resolved", (id: string) => resolved.push(id));
  return page.evaluate(async () => {
    const { anew, why } = await new Promise<Pick<Found, "anew" | "why">>((resolve, reject) => {
      const witness = { anew: false, why: "" };
      const opening = indexedDB.open("witness", 1);
      opening.onupgradeneeded = (event) => {
        // Chromium's own, in no standard.
        const { dataLoss, dataLossMessage } = event as unknown as Record<string, string>;
        witness.anew = true;
        witness.why = dataLoss === "total" ? `${dataLossMessage}` : "";
      };
      opening.onsuccess = () => {
        opening.result.close();
        resolve(witness);
      };
      opening.onerror = () => reject(opening.error);
    });
    const loop = await window.moodloop.Moodloop.open({ name: "killed", consent: "granted" });
    const said = [`${loop.storage}: ${loop.storageReason}`];
    loop.on("failure", ({ code, message }) => said.push(`${code}: ${message}`));
    await new Promise<void>((resolve) => {
      const stored = () => loop.storage === "indexeddb" && resolve();
      loop.on("storage", ({ storage, reason }) => {
        said.push(`${storage}: ${reason}`);
        stored();
      });
      stored();
    });
    const held = loop
      .events()
      .flatMap((event) => ("interaction" in event ? [event.interaction.interaction_id] : []));
    const { resolved: tell } = window as unknown as { resolved: (id: string) => void };
    const forever = async () => {
      for (;;) {
        const { decision_id } = loop.recommend({ content_type: "music" });
        const interaction_id = crypto.randomUUID();
        const like = { interaction_type: "like" as const, interaction_id };
        const { stored } = await loop.feedback(decision_id, like);
        if (stored) {
          tell(interaction_id);
        }
      }
    };
    void forever();
    return { anew, why, held, said };
  });
}

/** A Chromium that is started and killed again and again, on one profile. */
class Victim {
  /** The interactions of all lives whose feedback resolved. */
  readonly resolved: string[] = [];
  readonly #address: string;
  readonly #executable: string;
  readonly #args: readonly string[];
  readonly #profile: string;

  constructor(address: string, { executablePath, args }: LaunchOptions, profile: string) {
    this.#address = address;
    this.#executable = executablePath ?? chromium.executablePath();
    this.#args = args ?? [];
    this.#profile = profile;
  }

  /** Lives until something new has resolved and then up to `longest` milliseconds, and is killed. */
  async live(longest: number, look: (found: Found) => void): Promise<void> {
    const before = this.resolved.length;
    const started = await start(this.#executable, this.#args, this.#profile);
    const { page } = started;
    try {
      await open(page, this.#address);
      look(await live(page, this.resolved));
      await expect.poll(() => this.resolved.length).toBeGreaterThan(before);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
    } finally {
      await silence(started);
    }
  }
}

/** Begins what Chromium's writer never ended when it is killed: a record's head without its body. */
async function tear(profile: string): Promise<boolean> {
  const storage = path.join(profile, "Default", "IndexedDB");
  const files = await readdir(storage, { recursive: true }).catch(() => []);
  const log = files.find((file) => /\.leveldb\/\d+\.log$/.test(file));
  if (log === undefined) {
    return false;
  }
  // Checksum, length 400, type "first of several".
  const head = Buffer.from([0x78, 0x56, 0x34, 0x12, 0x90, 0x01, 0x01]);
  await appendFile(path.join(storage, log), head);
  return true;
}

test("where Chromium throws everything away, the loop begins anew without an error", async ({
  address,
  launchOptions,
}, info) => {
  test.setTimeout(3 * (START_MS + 30_000));
  const profile = info.outputPath("profile");
  const victim = new Victim(address, launchOptions, profile);
  const found: Found[] = [];
  await victim.live(0, (life) => found.push(life));
  test.skip(!(await tear(profile)), "this Chromium keeps IndexedDB otherwise");
  await victim.live(0, (life) => found.push(life));
  await victim.live(0, (life) => found.push(life));
  const [, second, third] = found;
  expect(second?.anew).toBe(false);
  expect(second?.held.length, "the first start after the kill has everything").toBeGreaterThan(0);
  test.skip(third?.anew === false, "this Chromium survives a torn record");
  expect(third?.held).toEqual([]);
  expect(third?.said[0]).toMatch(/^indexeddb/);
});

test(`${kills} kills of the browser lose nothing and double nothing`, async ({
  address,
  launchOptions,
}, info) => {
  test.setTimeout((kills + 1) * (START_MS + 30_000));
  const victim = new Victim(address, launchOptions, info.outputPath("profile"));
  const { resolved } = victim;
  /** How many of them Chromium threw away. */
  let thrown = 0;
  const discarded: string[] = [];
  for (let life = 0; life <= kills; life++) {
    const count = resolved.length;
    await victim.live(LIFE_MS, ({ anew, why, held, said }) => {
      if (anew && life > 0) {
        discarded.push(why);
        thrown = count;
      }
      const before = resolved.slice(thrown, count);
      const when = `after ${life} kills, of ${before.length} resolved, storage said ${said}`;
      expect(new Set(held).size, `${when}: nothing twice`).toBe(held.length);
      const lost = before.filter((id) => !held.includes(id));
      expect(lost, `${when}: nothing lost`).toEqual([]);
      const gone = resolved.slice(0, thrown).filter((id) => held.includes(id));
      expect(gone, `${when}: what was thrown away does not come back in parts`).toEqual([]);
    });
  }
  expect(resolved.length).toBeGreaterThan(kills);
  console.log(JSON.stringify({ kills, resolved: resolved.length, discarded, thrown }));
  expect(discarded.length, "Chromium's own doing is rare").toBeLessThanOrEqual(2 + kills / 20);
});
