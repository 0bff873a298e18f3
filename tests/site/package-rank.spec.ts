// A catalog of 100,000 items: on a thread of its own, and where there may be none.

import type { Page } from "@playwright/test";
import { expect, open, test } from "./package-page.ts";

/** Ranks 100,000 items twice under one seed, and a few more besides; what came out. */
function rank(page: Page): Promise<{ size: number; ids: string[]; few: string[]; code: string }> {
  return page.evaluate(async () => {
    const genres = ["classical", "ambient", "jazz", "rock", "folk", "electronic"];
    const items = Array.from({ length: 100_000 }, (_, i) => ({
      id: `m${i}`,
      title: `Piece ${i}`,
      creator: `Composer ${i % 977}`,
      content_type: "music" as const,
      genres: [genres[i % genres.length] as string],
      energy: ((i * 37) % 101) / 100,
      valence: ((i * 53) % 101) / 100,
      popularity: (i * 71) % 101,
    }));
    const { Moodloop } = window.moodloop;
    window.loop = await Moodloop.open({ name: "large", seed: 7 });
    const pick = window.loop.recommend({
      content_type: "music",
      mood: "calm",
      time_of_day: "evening",
      decision_id: "d1",
    });
    const catalog = await window.loop.catalog(items);
    const first = await window.loop.rank(catalog, pick, { limit: 50, seed: 3 });
    const again = await window.loop.rank(items, pick, { limit: 50, seed: 3 });
    if (JSON.stringify(first) !== JSON.stringify(again)) {
      throw new Error("the same seed ranked otherwise");
    }
    const few = await window.loop.rank(items.slice(0, 100), pick, { limit: 5 });
    const bad = [...items.slice(1), { ...items[0], energy: 7 }] as typeof items;
    const code = await window.loop.catalog(bad).then(
      () => "none",
      (error: { code: string }) => error.code,
    );
    const ids = (list: { id: string }[]) => list.map(({ id }) => id);
    return { size: catalog.size, ids: ids(first), few: ids(few), code };
  });
}

test("100,000 items rank on a thread of their own, as they do without one", async ({
  page,
  address,
}) => {
  test.setTimeout(300_000);
  await open(page, `${address}?threads`);
  const apart = await rank(page);
  // The catalog's, and the list's; the one that was refused its items ends on its own time.
  await expect.poll(() => page.workers().length).toBe(2);
  expect(apart).toMatchObject({ size: 100_000, code: "invalid_item" });
  expect(apart.ids.length).toBe(50);
  expect(apart.few.length).toBe(5);
  await page.evaluate(() => window.loop.close());
  await expect.poll(() => page.workers().length).toBe(1); // the catalog is its owner's

  await open(page, address); // its security policy allows no such thread
  const here = await rank(page);
  expect(page.workers().length).toBe(0);
  expect(here).toEqual(apart);
});
