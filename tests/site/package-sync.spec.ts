// A loop in step with the real Worker: nothing unasked, nothing twice, nothing lost.

import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import type { Synced } from "moodloop";
import { expect, fingerprint, open, test } from "./package-page.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const worker = process.env.MOODLOOP_URL as string;

/** Opens the model in the page; its clock may be moved by `window.shift`. */
function openLoop(page: Page, options: object = {}): Promise<void> {
  return page.evaluate(async (given) => {
    const { Moodloop } = window.moodloop;
    const moved = window as unknown as { shift: number };
    moved.shift ??= 0;
    const now = () => Date.now() + moved.shift;
    window.loop = await Moodloop.open({ name: "synced", consent: "granted", now, ...given });
    window.loop.on("failure", ({ code }) => window.said.push(code));
    window.loop.on("synced", ({ sent }) => window.said.push(`sent ${sent}`));
  }, options);
}

/** Begins to sync as a user. Its own runs are too late to disturb a test that runs it by itself. */
function begin(page: Page, user_id: string): Promise<void> {
  return page.evaluate(async (id) => {
    window.sync = await window.loop.sync({ url: "/", user_id: id });
  }, user_id);
}

/** Runs once; the report, or the error's code. */
function run(page: Page): Promise<Synced | string> {
  return page.evaluate(() =>
    window.sync.now().catch((error: unknown) => (error as { code: string }).code),
  );
}

/** Runs until nothing waits that can be sent. */
async function settled(page: Page): Promise<void> {
  await expect.poll(async () => ((await run(page)) as Synced).waiting).toBe(0);
}

/** A tab whose loop is in step with the Worker. */
async function inStep(tab: () => Promise<Page>, user_id: string): Promise<Page> {
  const page = await tab();
  await openLoop(page);
  await begin(page, user_id);
  await settled(page);
  return page;
}

/** Decides and likes, `gap` milliseconds apart. */
function like(page: Page, times: number, gap = 0): Promise<void> {
  return page.evaluate(
    async ([count = 0, step = 0]) => {
      const moved = window as unknown as { shift: number };
      for (let i = 0; i < count; i++) {
        const { decision_id } = window.loop.recommend({ content_type: "music", mood: "calm" });
        const like = { interaction_type: "like" as const, content_id: `c${i}` };
        await window.loop.feedback(decision_id, like);
        moved.shift += step;
      }
    },
    [times, gap],
  );
}

/** What the Worker holds of a user. */
async function held(user_id: string): Promise<{ decisions: number; interactions: number }> {
  const count = { decisions: 0, interactions: 0 };
  for (let after: number | null = 0; after !== null; ) {
    const answer = await fetch(new URL(`/api/v1/users/${user_id}/data?after=${after}`, worker));
    const page = (await answer.json()) as {
      decisions: unknown[];
      interactions: unknown[];
      next: number | null;
    };
    count.decisions += page.decisions.length;
    count.interactions += page.interactions.length;
    after = page.next;
  }
  return count;
}

/** Requests that a page sends to the API. */
function watch(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.startsWith("/api/")) {
      asked.push(`${request.method()} ${(request.postDataBuffer() ?? "").length}`);
    }
  });
  return asked;
}

test("nothing is sent unasked, without consent, or with profiling off", async ({ tab }) => {
  const page = await tab();
  const asked = watch(page);
  await openLoop(page, { consent: "denied" });
  await like(page, 2);
  await begin(page, randomUUID());
  expect(await run(page)).toBe("unavailable");
  await page.evaluate(() => {
    window.loop.profiling = false;
    window.loop.consent = "granted";
  });
  await page.waitForFunction(() => window.loop.storage === "indexeddb");
  expect(await run(page)).toBe("unavailable");
  expect(asked).toEqual([]);
});

test("what happened is sent once, and survives a reload in between", async ({ tab, address }) => {
  const user = randomUUID();
  const page = await tab();
  await openLoop(page);
  await like(page, 2); // before it was asked for
  await begin(page, user);
  await settled(page);
  expect(await held(user)).toEqual({ decisions: 2, interactions: 2 });
  await like(page, 3);
  await page.evaluate(() => window.loop.fold());
  await page.evaluate(() => window.loop.close());
  await open(page, address);
  await openLoop(page);
  await like(page, 1);
  await begin(page, user);
  await settled(page);
  expect(await held(user)).toEqual({ decisions: 6, interactions: 6 });
  const asked = watch(page);
  expect(await run(page)).toMatchObject({ sent: 0, waiting: 0 });
  expect(asked.filter((request) => request.startsWith("POST"))).toEqual([]);
});

test("offline: everything waits, and is sent when the browser is online again", async ({
  tab,
  context,
}) => {
  const user = randomUUID();
  const page = await inStep(tab, user);
  await context.setOffline(true);
  await like(page, 3);
  expect(await run(page)).toBe("unreachable");
  await context.setOffline(false); // the `online` event starts a run
  await page.waitForFunction(() => window.said.includes("sent 6"));
  expect(await held(user)).toEqual({ decisions: 3, interactions: 3 });
});

test("an answer that is lost on its way: sent again, counted once", async ({ tab }) => {
  const user = randomUUID();
  const page = await inStep(tab, user);
  await like(page, 2);
  await page.route("**/api/v1/sync/*", async (route) => {
    await route.fetch();
    await route.abort();
  });
  expect(await run(page)).toBe("unreachable");
  await page.unroute("**/api/v1/sync/*");
  expect(await held(user)).toEqual({ decisions: 2, interactions: 2 });
  await settled(page);
  expect(await held(user)).toEqual({ decisions: 2, interactions: 2 });
});

test("a month offline: small bodies, in order, and only what is too old is given up", async ({
  tab,
}) => {
  test.setTimeout(120_000);
  const user = randomUUID();
  const page = await tab();
  await page.evaluate((shift) => {
    (window as unknown as { shift: number }).shift = shift;
  }, -40 * DAY_MS);
  await openLoop(page);
  await like(page, 40, DAY_MS / 10); // ends 36 days ago
  await like(page, 240, DAY_MS / 8); // ends 6 days ago
  const asked = watch(page);
  await begin(page, user);
  await settled(page);
  const posts = asked.filter((request) => request.startsWith("POST"));
  expect(posts.length).toBeGreaterThan(5);
  for (const post of posts) {
    expect(Number(post.split(" ")[1])).toBeLessThanOrEqual(16 * 1024);
  }
  const { decisions, interactions } = await held(user);
  expect(decisions).toBe(interactions);
  expect(decisions).toBeGreaterThan(190);
  expect(decisions).toBeLessThan(240);
});

test("what the Worker refuses stays behind, with what was said about it; the rest is sent", async ({
  tab,
}) => {
  const user = randomUUID();
  const page = await inStep(tab, user);
  await like(page, 2);
  await page.evaluate((ahead) => {
    (window as unknown as { shift: number }).shift = ahead;
  }, DAY_MS);
  await like(page, 1);
  await page.evaluate(() => {
    (window as unknown as { shift: number }).shift = 0;
  });
  await like(page, 2);
  expect(await run(page)).toBe("corrupt_log");
  expect(await held(user)).toEqual({ decisions: 4, interactions: 4 });
  expect(await run(page)).toBe("corrupt_log");
  expect(await held(user)).toEqual({ decisions: 4, interactions: 4 });
});

test("a token that is refused is a coded error, and nothing is lost", async ({ tab }) => {
  const user = randomUUID();
  const page = await tab();
  await openLoop(page);
  await like(page, 1);
  await page.route("**/api/v1/sync/*", (route) =>
    route.fulfill({
      status: 401,
      json: { error: { code: "unauthorized", message: "the token has expired" } },
    }),
  );
  await begin(page, user);
  expect(await run(page)).toBe("unauthorized");
  await page.unroute("**/api/v1/sync/*");
  await settled(page);
  expect(await held(user)).toEqual({ decisions: 1, interactions: 1 });
});

test("what is forgotten before it was sent is never sent", async ({ tab }) => {
  const user = randomUUID();
  const page = await inStep(tab, user);
  await like(page, 2);
  await page.evaluate(async () => {
    const [first] = window.loop.export("json").decisions;
    await window.loop.forget(first?.decision.decision_id ?? "");
  });
  await settled(page);
  expect(await held(user)).toEqual({ decisions: 1, interactions: 1 });
});

test("a failing server is asked ever more rarely", async ({ tab, address }) => {
  test.setTimeout(120_000);
  const page = await tab();
  await page.clock.install();
  await open(page, address);
  await page.clock.pauseAt(new Date(Date.now() + DAY_MS));
  const asked: number[] = [];
  await page.route("**/api/**", async (route) => {
    const now = await page.evaluate(() => {
      // Whoever comes in addition has no failure of their own.
      dispatchEvent(new Event("online"));
      return Date.now();
    });
    asked.push(now);
    await route.fulfill({ status: 503, json: {} });
  });
  await openLoop(page);
  await begin(page, randomUUID());
  for (let run = 1; run <= 8; run++) {
    while (asked.length < run) {
      await page.clock.runFor(1000);
    }
    // Time stands still until the failure is known, however slow the machine: the wait begins then.
    const failures = Array<string>(run).fill("unreachable");
    await expect.poll(() => page.evaluate(() => window.said)).toEqual(failures);
  }
  for (const [i, at] of asked.slice(1).entries()) {
    expect(at - (asked[i] ?? 0)).toBeGreaterThanOrEqual((5000 * 2 ** i) / 2);
  }
});

test("a new visitor starts from what others taught; exactly, and across reloads", async ({
  tab,
  address,
}) => {
  test.setTimeout(120_000);
  await teach();
  const page = await tab();
  await openLoop(page, { explore: false });
  const asked = watch(page);
  const values = () =>
    page.evaluate(() => window.loop.values({ content_type: "music", time_of_day: "night" }).mean);
  const cold = await values();
  await begin(page, randomUUID());
  const first = (await run(page)) as Synced;
  expect(["new", "same"]).toContain(first.policy); // its own first run may have been quicker
  const warm = await values();
  expect(warm).not.toEqual(cold);
  expect(await run(page)).toMatchObject({ policy: "same" });
  await like(page, 4);
  await page.evaluate(() => window.loop.fold());
  const learned = await fingerprint(page);
  expect(await values()).not.toEqual(warm);
  await open(page, address);
  await openLoop(page, { explore: false });
  expect(await fingerprint(page)).toBe(learned);
  await page.evaluate(async () => {
    for (const { decision } of window.loop.export("json").decisions) {
      await window.loop.forget(decision.decision_id);
    }
  });
  expect(await values()).toEqual(warm);
  expect(asked.length).toBeGreaterThan(1);
});

/** A few visitors of the Worker, and a training. */
async function teach(): Promise<void> {
  const post = (path: string, body: object, headers: object = {}) =>
    fetch(new URL(path, worker), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  for (const user of [randomUUID(), randomUUID()]) {
    for (let i = 0; i < 6; i++) {
      const path = `/api/v1/entertainment/music/recommendations/${user}?limit=1`;
      const { decision_id, recommendations } = await (await fetch(new URL(path, worker))).json();
      await post(`/api/v1/entertainment/interactions/${user}`, {
        content_type: "music",
        content_id: recommendations[0].id,
        decision_id,
        interaction_type: i % 2 ? "like" : "dislike",
      });
    }
  }
  const key = { "x-admin-key": "admin-dev-key-change-in-production" };
  await expect
    .poll(
      async () => {
        await post("/api/v1/admin/tasks/rl-training/trigger", {}, key);
        return (await fetch(new URL("/api/v1/policy", worker))).status;
      },
      { timeout: 60_000 },
    )
    .toBe(200);
}
