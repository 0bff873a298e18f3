// A store that takes long to open: the loop begins without it, and takes it in when it is there.

import type { Page } from "@playwright/test";
import { counted, like, openLoop, storage } from "./package-loop.ts";
import { expect, test } from "./package-page.ts";

/**
 * Makes every opening of the model wait, as a slow disk does: an upgrade of the database that does
 * not end. Gives what takes it back, so that the openings go on.
 */
async function holdUp(tab: () => Promise<Page>): Promise<() => Promise<void>> {
  const other = await tab();
  await other.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open("moodloop:site", 99);
        request.onupgradeneeded = () => {
          const upgrade = request.transaction as IDBTransaction;
          const goOn = () => {
            if (window.said.includes("go on")) {
              upgrade.abort();
            } else {
              upgrade.objectStore("head").get("head").onsuccess = goOn;
            }
          };
          goOn();
          resolve();
        };
        request.onerror = (event) => event.preventDefault();
      }),
  );
  return () => other.evaluate(() => void window.said.push("go on"));
}

test("a store that opens late is taken in: the visitor gets the model back in the same session", async ({
  tab,
}) => {
  const page = await tab();
  await openLoop(page);
  const [liked = ""] = await like(page, 5);
  await page.evaluate(() => window.loop.close());
  const goOn = await holdUp(tab);
  await openLoop(page);
  expect(await page.evaluate(() => window.loop.storageReason)).toBe("opening");
  expect(await counted(page)).toBe(0);
  const early = await page.evaluate(async () => {
    window.loop.on("change", ({ cause }) => window.said.push(cause));
    const { decision_id } = window.loop.recommend({ content_type: "music" });
    return window.loop.feedback(decision_id, { interaction_type: "like" });
  });
  expect(early).toMatchObject({ reward: 1, stored: false });
  await goOn();
  await page.waitForFunction(() => window.loop.storage === "indexeddb");
  expect(await page.evaluate(() => window.said)).toEqual([
    "feedback",
    "storage",
    "indexeddb: stored",
  ]);
  expect(await counted(page)).toBe(6);
  expect(await page.evaluate((id) => window.loop.explain(id).decision_id, liked)).toBe(liked);
  await like(page, 1);
  await page.reload();
  await page.waitForFunction(() => window.moodloop !== undefined);
  await openLoop(page);
  expect(await counted(page)).toBe(7);
});

test("what is forgotten while the store opens late is gone from the store too", async ({ tab }) => {
  const page = await tab();
  await openLoop(page);
  const [gone = "", kept = ""] = await like(page, 2);
  await page.evaluate(() => window.loop.close());
  const goOn = await holdUp(tab);
  await openLoop(page);
  await page.evaluate((id) => window.loop.forget(id), gone);
  await goOn();
  await page.waitForFunction(() => window.loop.storage === "indexeddb");
  await page.evaluate(() => window.loop.fold());
  expect(await counted(page)).toBe(1);
  const { text } = await storage(page);
  expect(text).toContain(kept);
  expect(text).not.toContain(gone);
});

test("a loop that is closed before its store has opened lets go of it", async ({ tab }) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 1);
  await page.evaluate(() => window.loop.close());
  const goOn = await holdUp(tab);
  await openLoop(page);
  await page.evaluate(() => window.loop.close());
  await goOn();
  await openLoop(page);
  expect(await counted(page)).toBe(1);
});
