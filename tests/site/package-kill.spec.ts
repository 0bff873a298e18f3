// A browser that is killed at random moments: every feedback that resolved is there, none twice.
// MOODLOOP_KILLS sets how often; `cargo xtask soak` asks for more than this short form does.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chromium, type Page } from "@playwright/test";
import { expect, open, test } from "./package-page.ts";

const kills = Number(process.env.MOODLOOP_KILLS ?? 10);
/** The longest that a browser lives, in milliseconds after its first feedback. */
const LIFE_MS = 400;

/** How long a Chromium on a busy machine may take until it can be spoken to, in milliseconds. */
const START_MS = 120_000;

/** A Chromium of its own process group, with a profile on disk. */
async function start(executable: string, args: readonly string[], profile: string) {
  const browser = spawn(
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
    browser.stderr?.on("data", (data) => {
      said += data;
      const found = /DevTools listening on (\S+)/.exec(said)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    browser.once("exit", () => reject(new Error(`Chromium ended: ${said}`)));
  });
  const connected = await chromium.connectOverCDP(address, { timeout: START_MS });
  return { browser, page: (await connected.contexts()[0]?.newPage()) as Page };
}

/** Kills it with all its processes. */
async function kill(browser: ChildProcess): Promise<void> {
  const gone = once(browser, "exit");
  process.kill(-(browser.pid as number), "SIGKILL");
  await gone;
}

/** What a new life found. */
interface Found {
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
    return { held, said };
  });
}

test(`${kills} kills of the browser lose nothing and double nothing`, async ({
  address,
  launchOptions,
}, info) => {
  test.setTimeout((kills + 1) * (START_MS + 30_000));
  const profile = info.outputPath("profile");
  const executable = launchOptions.executablePath ?? chromium.executablePath();
  const resolved: string[] = [];
  for (let life = 0; life <= kills; life++) {
    const { browser, page } = await start(executable, launchOptions.args ?? [], profile);
    try {
      await open(page, address);
      const before = [...resolved];
      const { held, said } = await live(page, resolved);
      const when = `after ${life} kills, of ${before.length} resolved, storage said ${said}`;
      expect(new Set(held).size, `${when}: nothing twice`).toBe(held.length);
      const lost = before.filter((id) => !held.includes(id));
      expect(lost, `${when}: nothing lost`).toEqual([]);
      await expect.poll(() => resolved.length).toBeGreaterThan(before.length);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LIFE_MS));
    } finally {
      await kill(browser);
    }
  }
  expect(resolved.length).toBeGreaterThan(kills);
});
