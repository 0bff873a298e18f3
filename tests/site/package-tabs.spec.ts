// Several tabs on one model.

import type { Page } from "@playwright/test";
import { counted } from "./package-loop.ts";
import { expect, fingerprint, test } from "./package-page.ts";

/** Opens the model in a tab. */
function openLoop(page: Page): Promise<void> {
  return page.evaluate(async () => {
    window.loop = await window.moodloop.Moodloop.open({ name: "tabs", consent: "granted" });
    window.loop.on("storage", ({ storage, reason }) => window.said.push(`${storage}: ${reason}`));
    window.loop.on("failure", ({ message }) => console.error(message));
  });
}

/** Decides and learns `count` times at once; an error in the page fails the test. */
function likeAtOnce(page: Page, count: number): Promise<number> {
  return page.evaluate(async (times) => {
    const waiting = [];
    for (let i = 0; i < times; i++) {
      const { decision_id } = window.loop.recommend({ content_type: "video", mood: "bored" });
      waiting.push(window.loop.feedback(decision_id, { interaction_type: "like" }));
      if (i % 50 === 49) {
        await waiting.at(-1);
      }
    }
    return (await Promise.all(waiting)).filter(({ stored }) => stored).length;
  }, count);
}

test("two tabs learn 1,000 times each: 2,000 are counted, and both hold the same bytes", async ({
  tab,
}) => {
  test.setTimeout(120_000);
  const [one, other] = [await tab(), await tab()];
  await Promise.all([openLoop(one), openLoop(other)]);
  const stored = await Promise.all([likeAtOnce(one, 1000), likeAtOnce(other, 1000)]);
  expect(stored).toEqual([1000, 1000]);
  await one.evaluate(() => window.loop.fold());
  expect(await counted(one)).toBe(2000);
  await expect.poll(() => counted(other)).toBe(2000);
  await expect.poll(() => fingerprint(other)).toBe(await fingerprint(one));
});

test("what one tab learns, the other knows", async ({ tab }) => {
  const [one, other] = [await tab(), await tab()];
  await Promise.all([openLoop(one), openLoop(other)]);
  await likeAtOnce(one, 5);
  await expect.poll(() => counted(other)).toBe(5);
  expect(await other.evaluate(() => window.loop.stats())).toEqual(
    await one.evaluate(() => window.loop.stats()),
  );
});

test("a decision of one tab gets its feedback in the other", async ({ tab }) => {
  const [one, other] = [await tab(), await tab()];
  await Promise.all([openLoop(one), openLoop(other)]);
  const id = await one.evaluate(() => window.loop.recommend({ content_type: "game" }).decision_id);
  await expect
    .poll(() => other.evaluate(() => window.loop.export("json").decisions.length))
    .toBe(1);
  await other.evaluate(
    (decision) => window.loop.feedback(decision, { interaction_type: "share" }),
    id,
  );
  await expect.poll(() => counted(one)).toBe(1);
});

test("forgetting reaches the other tab, and stays forgotten when that one folds", async ({
  tab,
}) => {
  const [one, other] = [await tab(), await tab()];
  await Promise.all([openLoop(one), openLoop(other)]);
  await likeAtOnce(one, 3);
  await expect.poll(() => counted(other)).toBe(3);
  const id = await one.evaluate(
    () => window.loop.export("json").decisions[0]?.decision.decision_id ?? "",
  );
  await one.evaluate((decision) => window.loop.forget(decision), id);
  await expect.poll(() => counted(other)).toBe(2);
  await other.evaluate(() => window.loop.fold());
  await expect.poll(() => fingerprint(other)).toBe(await fingerprint(one));
  expect(await counted(one)).toBe(2);
});

test("erasing in one tab erases in the other", async ({ tab }) => {
  const [one, other] = [await tab(), await tab()];
  await Promise.all([openLoop(one), openLoop(other)]);
  await likeAtOnce(one, 3);
  await expect.poll(() => counted(other)).toBe(3);
  await one.evaluate(() => window.loop.erase());
  await expect.poll(() => counted(other)).toBe(0);
  const databases = await one.evaluate(async () => (await indexedDB.databases()).length);
  expect(databases).toBe(0);
  await likeAtOnce(other, 2);
  await expect.poll(() => counted(one)).toBe(0);
  await one.evaluate(() => window.loop.fold());
  expect(await counted(one)).toBe(2);
});

test("withdrawing consent in one tab stops the other from storing", async ({ tab }) => {
  const [one, other] = [await tab(), await tab()];
  await Promise.all([openLoop(one), openLoop(other)]);
  await likeAtOnce(one, 1);
  await one.evaluate(() => {
    window.loop.consent = "denied";
  });
  await expect.poll(() => other.evaluate(() => window.loop.consent)).toBe("denied");
  expect(await likeAtOnce(other, 2)).toBe(0);
  const databases = await one.evaluate(async () => (await indexedDB.databases()).length);
  expect(databases).toBe(0);
});

test("a newer version of the page upgrades: the old tab lets go and goes on in memory", async ({
  tab,
}) => {
  const [old, young] = [await tab(), await tab()];
  await openLoop(old);
  await likeAtOnce(old, 2);
  const upgraded = await young.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open("moodloop:tabs", 99);
        request.onsuccess = () => resolve(request.result.version);
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error("blocked"));
      }),
  );
  expect(upgraded).toBe(99);
  expect(await old.evaluate(() => window.said)).toEqual(["memory: outdated"]);
  expect(await likeAtOnce(old, 1)).toBe(0);
  expect(await counted(old)).toBe(3);
  const late = await tab();
  await openLoop(late);
  expect(await late.evaluate(() => window.loop.storage)).toBe("memory");
});

test("a tab that does not let go: memory, then storage once it is closed", async ({ tab }) => {
  const [stubborn, young] = [await tab(), await tab()];
  await stubborn.evaluate(
    () =>
      new Promise<void>((resolve) => {
        // A connection that ignores what it is asked, and a deletion that waits for it.
        const request = indexedDB.open("moodloop:tabs", 1);
        request.onsuccess = () => {
          indexedDB.deleteDatabase("moodloop:tabs");
          resolve();
        };
      }),
  );
  await openLoop(young);
  expect(await young.evaluate(() => window.loop.storage)).toBe("memory");
  expect(await likeAtOnce(young, 1)).toBe(0);
  await stubborn.close();
  await expect.poll(() => likeAtOnce(young, 1)).toBe(1);
  expect(await young.evaluate(() => window.loop.storage)).toBe("indexeddb");
});
